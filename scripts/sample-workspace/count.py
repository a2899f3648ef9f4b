#!/usr/bin/env python3
"""Prints a line a second: something to watch, and to cancel."""

import time

for second in range(1, 61):
    print(f"second {second} of 60", flush=True)
    time.sleep(1)
