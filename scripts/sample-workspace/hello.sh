#!/bin/sh
echo "Hello from $(hostname), arguments: $*"
date -u
