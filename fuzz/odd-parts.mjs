// Parts of requests that mean nothing, mean two things, or mean something elsewhere.

/** One a line. */
const each = (text) =>
  text
    .trim()
    .split('\n')
    .map((line) => line.trim());

export const methods = 'GET HEAD POST PUT PATCH DELETE OPTIONS TRACE QUERY PROPFIND LOCK M-SEARCH PURGE get'.split(' ');

export const mediaTypes = [
  ...each(`
    application/json
    application/json;
    application/json;charset=utf-16
    application/json; charset="utf-8"
    application/json, text/plain
    application/jsonx
    APPLICATION/JSON
    application/problem+json
    application/x-ndjson
    application/x-ndjson; charset=latin1
    application/x-www-form-urlencoded
    application/xml
    multipart/form-data; boundary=x
    text/plain
    json
    */*`),
  '',
  'a/b;'.repeat(500),
];

export const targets = [
  ...each(`
    /../../etc/passwd
    /docs/../../../package.json
    /docs/%2e%2e%2f%2e%2e%2fpackage.json
    /docs/..%5c..%5cpackage.json
    //tasks
    ///
    /./tasks
    /tasks/
    /tasks//
    /tasks;x=1
    /TASKS
    /tasks%00
    /tasks%20
    /tasks#x
    /tasks?
    /tasks??
    /%74asks
    *
    http://evil.example/tasks
    http://127.0.0.1/tasks
    https://localhost/tasks
    http://me:secret@127.0.0.1/tasks
    http://
    http:///tasks
    tasks
    ?
    #
    /board/../tasks
    /board/static/../../package.json
    /board/static/%2e%2e/%2e%2e/package.json
    /board/api/queues
    /board/api/queues/x/y
    /board/api/queues/default/x/retry
    /board/api/queues?activeQueue=%00&page=-1&jobsPerPage=1e9
    /board/api/queues?activeQueue=default&status=__proto__
    /board/queue/__proto__
    /openapi.json/..
    /%
    /%zz
    /%c0%af
    /\\..\\
    /{id}
    /tasks/{id}
    /health/live/..
    /health/../tasks
    /health/%2e%2e/tasks
    /health//live`),
  '',
];

/** By name. */
export const headerValues = {
  Prefer: [
    'wait',
    'wait=',
    'wait=-1',
    'wait=1e9',
    'wait=0.1',
    'respond-async, wait=0',
    'wait=0, wait=60',
    ';;;',
    'wait="0',
  ],
  'Idempotency-Key': [
    ...['', '""', '"', '"a', 'a b', '"a\\"b"', '"\\"', '\x80', 'a, b', '__proto__', 'x'.repeat(255), 'x'.repeat(256)],
  ],
  'Last-Event-ID': [
    ...[
      '',
      '0',
      '-1',
      '1-1',
      '0-0',
      '1-',
      '-',
      '1-1-1',
      '9007199254740993-1',
      'ä',
      '1,2',
      '9'.repeat(30),
      'x'.repeat(2_000),
    ],
  ],
  Authorization: [
    ...['', 'Bearer', 'Bearer ', 'Basic', 'Basic !', 'Basic Og==', 'Basic YQ==', 'Digest a', 'bearer one two'],
    `Bearer ${'x'.repeat(4_000)}`,
  ],
  Host: [
    ...[
      '',
      'evil.example',
      '127.0.0.1@evil',
      'localhost:99999',
      'localhost/..',
      '[::1',
      '127.0.0.1:80:80',
      'localhost\\',
    ],
    ...['a b', 'ä', '127.0.0.1#', '127.0.0.1?x', '2130706433', '0x7f.1', 'localhost.'],
  ],
  Origin: ['null', 'http://evil.example', 'http://127.0.0.1', 'file://', ''],
  'Sec-Fetch-Site': ['cross-site', 'same-origin', 'none', ''],
  'Content-Encoding': ['gzip', 'br', 'identity', 'deflate, gzip', 'x'],
  Accept: ['text/html', 'application/xml', 'text/event-stream', '*/*;q=0', ''],
  'Accept-Encoding': ['gzip', 'br', '*', 'identity;q=0'],
  'X-HTTP-Method-Override': ['DELETE', 'GET'],
  'X-Forwarded-For': ['127.0.0.1', '" or 1=1'],
  'X-Forwarded-Host': ['evil.example'],
  Range: ['bytes=0-1', 'bytes=-1', 'bytes=9-1'],
  'If-None-Match': ['*', '""'],
  'If-Modified-Since': ['yesterday'],
  Cookie: ['a=b', ';;;', `a=${'x'.repeat(3_000)}`],
  TE: ['trailers, chunked'],
  Upgrade: ['websocket', 'h2c'],
  Connection: ['close', 'keep-alive, x', 'Upgrade'],
  Expect: ['100-continue', 'x'],
  constructor: ['1'],
  ['__proto__']: ['x'],
};

/** Bytes that are no UTF-8, or no JSON where they stand. */
export const junk = ['ff', 'c0af', 'eda080', 'f5', '00', '1f8b', 'efbbbf', '22', '5c', '0a', '7b', '5d'].map((hex) =>
  Buffer.from(hex, 'hex'),
);
