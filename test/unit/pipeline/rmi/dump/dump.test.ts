import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import {
  CaptureError,
  ConnectionDecoder,
  decodeConnection,
  messageLines,
  messageShape,
  readCapture,
} from '../../../../../src/pipeline/rmi/index.ts';
import type { DumpedMessage } from '../../../../../src/pipeline/rmi/index.ts';
import { captureNames, capturePath, recordedMessages } from '../captures.ts';

/** The words of the captures' index for what we call it. */
const KINDS: Readonly<Record<string, string>> = {
  handshake: 'Header',
  acknowledgement: 'ProtocolAck',
  endpoint: 'ClientEndpoint',
  'not supported': 'ProtocolNotSupported',
  ping: 'Ping',
  'ping acknowledgement': 'PingAck',
  confirmation: 'DgcAck',
  call: 'Call',
  return: 'ReturnData',
  unknown: 'Unknown',
};

function dump(name: string): readonly DumpedMessage[] {
  return decodeConnection(readCapture(readFileSync(capturePath(name))));
}

function lines(name: string): readonly string[] {
  return dump(name).flatMap(messageLines);
}

describe('a dump', () => {
  for (const name of captureNames) {
    // What Java did not understand, the captures count apart.
    const recorded = recordedMessages(name).filter(
      ({ kind }, index, all) => kind !== 'Unknown' || all[index - 1]?.kind !== 'Call',
    );
    it(`has all messages of ${name}`, () => {
      const messages = dump(name);
      const expected = recorded.map(({ kind }) => (/bad-(magic|version)/.test(name) ? 'Unknown' : kind));
      assert.deepEqual(
        messages.map(({ kind }) => KINDS[kind]),
        expected,
      );
      for (const message of messages) {
        if ('sameBytes' in message) assert.ok(message.sameBytes);
        assert.ok(messageLines(message).length > 0);
        assert.doesNotThrow(() => JSON.stringify(messageShape(message)));
      }
      for (const direction of ['client->server', 'server->client'] as const) {
        const side = messages.filter((message) => message.direction === direction);
        let end = 0;
        for (const { offset, length } of side) {
          assert.equal(offset, end);
          end += length;
        }
      }
    });
  }

  it('names methods and shows values as people read them', () => {
    const shown = lines('jdk17-session-basic-object');
    for (const line of [
      '→ handshake: stream protocol',
      '→ ping',
      '→ call: JobControl.submit, object 53ec90025154c679cefe8ecb000001a2064495ce8001, 730 bytes',
      '      env = java.util.HashMap of 3',
      '        "PIPELINE_STREAM" = "7"',
      '      priority = org.srs.jobcontrol.Job$Priority.HIGH',
      '      ended = Date 2013-10-21T13:01:00.123Z',
      '      "999" = null',
      '← return, void, 22 bytes',
    ]) {
      assert.ok(shown.includes(line), line);
    }
    const streamed = lines('jdk17-getFileStream-object');
    assert.ok(streamed.includes('    File "/data/desc/7/12345678"'));
    assert.ok(streamed.some((line) => line.includes('RemoteInputStream at 127.0.0.1:11098, object ')));
    assert.deepEqual(
      streamed.slice(-5).map((line) => line.replace(/, object \w+/, '')),
      [
        '← return, 23 bytes',
        '    null',
        '→ call: RemoteInputStream.close, 42 bytes',
        '    true',
        '← return, void, 22 bytes',
      ],
    );
  });

  it('shows exceptions with causes and where they come from', () => {
    const shown = lines('jdk17-submit-fail-remote-object');
    const first = shown.findIndex((line) => line.startsWith('← exception'));
    assert.equal(
      shown[first + 1],
      '    java.rmi.ServerException: "RemoteException occurred in server thread"',
    );
    assert.match(
      shown[first + 2] ?? '',
      /^ {6}at sun\.rmi\.server\.UnicastServerRef\.dispatch\(UnicastServerRef\.java:\d+\)$/,
    );
    assert.ok(shown.includes('    caused by java.rmi.RemoteException: "backend"'));
    assert.ok(lines('jdk17-submit-fail-suppressed-object').some((line) => line.includes('suppressed java.')));
  });

  it('says what it does not understand, and goes on with the other side', () => {
    const messages = decodeConnection([
      { direction: 'client->server', bytes: Buffer.from('4a524d4900024b', 'hex') },
      { direction: 'server->client', bytes: Buffer.from('4e00000000', 'hex') },
      { direction: 'server->client', bytes: Buffer.from('0001', 'hex') },
      { direction: 'client->server', bytes: Buffer.from('00000000000055', 'hex') },
      { direction: 'client->server', bytes: Buffer.from('52', 'hex') },
      { direction: 'server->client', bytes: Buffer.from('5351aced0005770f', 'hex') },
    ]);
    assert.deepEqual(
      messages.map(({ direction, kind }) => [direction.slice(0, 6), kind]),
      [
        ['client', 'handshake'],
        ['server', 'acknowledgement'],
        ['client', 'endpoint'],
        ['client', 'unknown'],
        ['server', 'ping acknowledgement'],
        ['client', 'unknown'],
        ['server', 'unknown'],
      ],
    );
    assert.deepEqual(messages.flatMap(messageLines).slice(3), [
      '→ not understood: no message begins with 0x55; 1 byte from 13 on',
      '    55',
      '← ping acknowledgement',
      '→ not understood: it comes after what cannot be understood; 1 byte from 14 on',
      '    52',
      '← not understood: it ends within a message; 7 bytes from 8 on',
      '    51aced0005770f',
    ]);
  });

  it('waits for what belongs to a call that came in pieces', () => {
    const turns = readCapture(readFileSync(capturePath('jdk17-session-basic-object')));
    const pieces = turns.flatMap(({ direction, bytes }) =>
      Array.from(bytes, (byte) => ({ direction, bytes: Buffer.of(byte) })),
    );
    assert.deepEqual(decodeConnection(pieces).flatMap(messageLines), lines('jdk17-session-basic-object'));
  });

  it('tells a call that was cut before its argument', () => {
    const turns = readCapture(readFileSync(capturePath('jdk17-raw-status-object')));
    const bytes = Buffer.concat(
      turns.flatMap((turn) => (turn.direction === 'client->server' ? turn.bytes : [])),
    );
    // The argument is the text 1810000002 behind its code and length.
    const cut = decodeConnection(readCapture(bytes.subarray(0, -13)));
    assert.deepEqual(cut.slice(2).flatMap(messageLines).slice(0, 1), [
      '→ not understood: it ends within a message; 41 bytes from 22 on',
    ]);
    const thrown = Buffer.from(`51aced0005770f02${'00'.repeat(14)}`, 'hex');
    assert.equal(decodeConnection(readCapture(thrown))[0]?.kind, 'unknown');
  });

  it('takes one connection after the other', () => {
    const turns = readCapture(readFileSync(capturePath('jdk17-session-basic-object')));
    const twice = decodeConnection([...turns, ...turns]).flatMap(messageLines);
    const once = lines('jdk17-session-basic-object');
    assert.deepEqual(twice, [...once, ...once]);
  });

  it('keeps little of what it does not understand', () => {
    const decoder = new ConnectionDecoder();
    const piece = { direction: 'server->client', bytes: Buffer.alloc(1024 * 1024, 0x77) } as const;
    for (let count = 0; count < 20; count += 1) for (const message of decoder.take(piece)) assert.ok(message);
    const [rest, ...more] = [...decoder.end()];
    assert.ok(rest?.kind === 'unknown' && more.length === 0);
    assert.deepEqual([rest.length, rest.bytes.length], [19 * 1024 * 1024, 1024 * 1024]);
    assert.match(messageLines(rest)[0] ?? '', /; 19922944 bytes from 1048576 on$/);
  });

  it('names arrays, classes and numbers as Java does', () => {
    const classes = '767200106a6176612e6c616e672e4f626a65637400000000000000000200007078';
    const shown = (hex: string): readonly string[] => {
      const bytes = Buffer.from(`51aced0005770f01${'00'.repeat(14)}${hex}`, 'hex');
      return decodeConnection([{ direction: 'server->client', bytes }])
        .flatMap(messageLines)
        .slice(1);
    };
    const array = (name: string, rest: string): string =>
      `7572${name.length.toString(16).padStart(4, '0')}${Buffer.from(name).toString('hex')}${'00'.repeat(8)}0200007078${'70'}${rest}`;
    assert.deepEqual(shown(array('[I', '0000000200000001ffffffff')), ['    int[] of 2: 1, -1']);
    assert.deepEqual(shown(array('[[J', '0000000170')), ['    long[][] of 1', '      null']);
    assert.deepEqual(shown(array('[B', '00000002ab01')), ['    byte[] ab01']);
    assert.deepEqual(shown(array('[Lorg.X;', '00000000')), ['    org.X[] of 0']);
    assert.deepEqual(shown(`${classes}70`), ['    class java.lang.Object']);
    const number = Buffer.from('java.lang.Number').toString('hex');
    const boxed =
      `737200116a6176612e6c616e672e496e7465676572${'00'.repeat(8)}02000149000576616c75657078` +
      `720010${number}${'00'.repeat(8)}020000707870`;
    assert.deepEqual(shown(`${boxed}0000002a`), ['    java.lang.Integer 42']);
  });

  it('tells where a stream comes out otherwise', () => {
    // A text in the form for long ones, which it is not.
    const hex = `51aced0005770f01${'00'.repeat(14)}7c0000000000000001${'41'}`;
    const [message] = decodeConnection([{ direction: 'server->client', bytes: Buffer.from(hex, 'hex') }]);
    assert.ok(message?.kind === 'return' && !message.sameBytes);
    assert.deepEqual(messageLines(message), [
      '← return, 32 bytes, written otherwise than we write it',
      '    "A"',
    ]);
  });

  it('is plain data for programs', () => {
    const submit = dump('jdk17-submit-shared-strings-object').find(
      ({ kind, length }) => kind === 'call' && length > 500,
    );
    assert.ok(submit !== undefined);
    const { values, ...shape } = messageShape(submit) as { values: readonly Record<string, unknown>[] };
    assert.deepEqual(shape, {
      direction: 'client->server',
      offset: 474,
      length: 729,
      kind: 'call',
      object: '53ec90025154c679cefe8ecb000001a2064495ce8001',
      operation: -1,
      hash: '617631183146490863',
      method: 'JobControl.submit',
      sameBytes: true,
    });
    assert.equal(values[0]?.class, 'org.srs.jobcontrol.Job');
    assert.match(
      JSON.stringify(values),
      /"maxCPU":3600,.*"name":"same","priority":\{"id":\d+,"class":"org.srs.jobcontrol.Job\$Priority","constant":"HIGH"\}/,
    );
  });

  it('ends where objects refer to each other', () => {
    const synchronizedList = lines('jdk17-arrayStatus-synchronized-object');
    assert.ok(
      synchronizedList.some((line) => line.startsWith('    #1 java.util.Collections$SynchronizedList')),
    );
    const shapes = dump('jdk17-arrayStatus-synchronized-object').map(messageShape);
    assert.ok(JSON.stringify(shapes).includes('{"ref":'));
  });
});

describe('a capture', () => {
  it('may be the bytes of one side', () => {
    const client = Buffer.from('4a524d4900024b00000000000052', 'hex');
    assert.deepEqual(readCapture(client), [{ direction: 'client->server', bytes: client }]);
    const server = Buffer.from('4e00000000000153', 'hex');
    assert.deepEqual(
      decodeConnection(readCapture(server)).map(({ kind }) => kind),
      ['acknowledgement', 'ping acknowledgement'],
    );
  });

  it('is refused where it is none', () => {
    for (const [text, problem] of [
      ['', 'it is empty'],
      ['\n\n', 'it is empty'],
      ['hello', 'it begins neither as JSON nor as a connection of Java RMI'],
      ['Now what', 'it begins neither as JSON nor as a connection of Java RMI'],
      ['{"direction": "client->server", "hex": ""}', 'it is no array of turns'],
      ['[]', 'it is empty'],
      ['[', 'it is no JSON'],
      ['[{}]', 'turn 1 has no direction'],
      ['[{"direction": "up", "hex": ""}]', 'turn 1 has no direction'],
      ['[{"direction": "client->server", "hex": "0"}]', 'or no bytes in hex'],
      ['[{"direction": "client->server", "hex": 1}]', 'or no bytes in hex'],
    ] as const) {
      assert.throws(
        () => readCapture(Buffer.from(text)),
        (error) => error instanceof CaptureError && error.message.includes(problem),
        text,
      );
    }
    assert.throws(() => readCapture(Buffer.from('0a0d0d0a1c0000004d3c2b1a', 'hex')), /it holds packets/);
    assert.throws(() => readCapture(Buffer.from('d4c3b2a102000400', 'hex')), /it holds packets/);
  });

  it('may begin within a connection, and with a byte order mark', () => {
    const call = `5250aced000577220000000000000000${'00'.repeat(14)}00000001${'44154dc9d4e63bdf'}`;
    assert.deepEqual(
      decodeConnection(readCapture(Buffer.from(call, 'hex'))).map(({ kind }) => kind),
      ['ping', 'call'],
    );
    const answer = `5351aced0005770f01${'00'.repeat(14)}70`;
    assert.deepEqual(
      decodeConnection(readCapture(Buffer.from(answer, 'hex'))).map(({ kind }) => kind),
      ['ping acknowledgement', 'return'],
    );
    const marked = readCapture(Buffer.from('\ufeff[{"direction": "client->server", "hex": "52"}]'));
    assert.deepEqual(marked, [{ direction: 'client->server', bytes: Buffer.of(0x52) }]);
  });
});
