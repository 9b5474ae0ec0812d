import { locationOf, type Draft, type Rule, type Sighting } from './rule.js'
import { stackEnd, stackLocation } from './stack.js'

/** What databases and caches answer, through their own clients and through the drivers of a program. */
export const serviceRules: readonly Rule[] = [
  {
    hints: [
      'password authentication failed',
      'no pg_hba.conf entry',
      'ermission denied for ',
      'must be owner of',
      'ER_ACCESS_DENIED_ERROR',
      'ccess denied for user',
      'NOAUTH',
      'WRONGPASS',
      'NOPERM',
      'SQLITE_READONLY',
      'readonly database',
      'uthentication failed',
      'P1000',
      'P1010',
      'peer authentication',
      'Peer authentication',
      'not authorized on',
      'READONLY You',
      'requires authentication',
    ],
    pattern:
      /(?:password|[Pp]eer|[Ii]dent|LDAP|GSSAPI) authentication failed for user|no pg_hba\.conf entry for|\b[Pp]ermission denied for (?:table|schema|database|relation|sequence|function|view|language|type|column|materialized)\b|must be owner of \w+|ER_ACCESS_DENIED_ERROR|ERROR 10(?:44|45) |Access denied for user '|\bNOAUTH\b|\bWRONGPASS\b|\bNOPERM\b|SQLITE_READONLY|attempt to write a readonly database|\bP10(?:00|10)\b|not authorized on \S+ to execute|READONLY You can't write|command \S+ requires authentication|(?:Mongo\w*Error|bad auth).{0,20}: .{0,30}[Aa]uthentication failed/,
    category: 'permission',
    code: 'ACCESS_DENIED',
    refine: (draft, sighting) => ({
      ...placed(draft, sighting),
      code: /authentication failed|NOAUTH|WRONGPASS|P1000|1045/i.test(sighting.line) ? 'AUTHENTICATION_FAILED' : draft.code,
    }),
  },
  {
    hints: [
      '" does not exist',
      'Unknown database',
      'ER_BAD_DB_ERROR',
      'P1003',
      'unable to open database file',
      'SQLITE_CANTOPEN',
      'client password must be a string',
      'P1013',
      'unrecognized configuration parameter',
      'invalid connection option',
      'database configuration',
      'nvalid connection string',
      'MongoParseError',
      'nvalid scheme',
    ],
    pattern:
      /\bFATAL:\s{1,3}(?:database|role) "(?<name>[^"]{1,100})" does not exist|Unknown database '(?<name2>[^']{1,100})'|ER_BAD_DB_ERROR|\bP10(?:03|13)\b|unable to open database file|SQLITE_CANTOPEN|client password must be a string|unrecognized configuration parameter|invalid connection option|[Ii]nvalid connection string|MongoParseError: (?:Invalid (?:scheme|connection string)|.{0,60}option)/,
    category: 'configuration',
    code: 'CONFIG_INVALID',
    refine: placed,
  },
  {
    hints: [
      "used memory > 'maxmemory'",
      'OOM command',
      'MISCONF ',
      'could not extend file',
      'PANIC:  could not',
      'invalid page in block',
    ],
    pattern:
      /OOM command not allowed|MISCONF (?:Redis|Valkey|Errors)|could not extend file .{1,200}|\bPANIC:\s{1,3}could not .{1,200}|invalid page in block/,
    category: 'runtime',
    code: 'OUT_OF_MEMORY',
    severity: 'critical',
    rank: 'environment',
    refine: (draft, sighting) => ({
      ...placed(draft, sighting),
      code: /OOM/.test(sighting.line) ? 'OUT_OF_MEMORY' : /page/.test(sighting.line) ? 'DATA_CORRUPT' : 'STORAGE_FAILED',
    }),
  },
  {
    hints: [
      'remaining connection slots',
      'too many clients already',
      'oo many connections',
      'is starting up',
      'is shutting down',
      'server closed the connection',
      'terminating connection due to',
      'Lost connection to MySQL',
      'erver has gone away',
      'LOADING ',
      'CLUSTERDOWN',
      'P1001',
      'P1002',
      'P1017',
      'PROTOCOL_CONNECTION_LOST',
      'ServerSelection',
      'Connection is closed',
      'MaxRetriesPerRequestError',
      'onnection timeout',
      "an't connect to",
      'ould not connect to',
      'Client is closed',
      'Socket closed unexpectedly',
    ],
    pattern:
      /remaining connection slots are reserved|too many clients already|\bToo many connections\b|the database system is (?:starting up|shutting down|in recovery mode)|server closed the connection unexpectedly|terminating connection due to|Lost connection to (?:MySQL|server)|MySQL server has gone away|LOADING (?:Redis|Valkey) is loading|CLUSTERDOWN|\bP10(?:01|02|17)\b|PROTOCOL_CONNECTION_LOST|Mongo(?:Network|ServerSelection)(?:Timeout)?Error|MongooseServerSelectionError|Error: Connection is closed\.|MaxRetriesPerRequestError|[Cc]onnection timeout\b|Can't connect to (?:local |remote )?(?:MySQL |MariaDB )?(?:server|database)|[Cc]ould not connect to (?:Redis|Valkey|server|the server|the endpoint URL|the database|database)|Socket closed unexpectedly/,
    category: 'network',
    code: 'NETWORK',
    // Who was called is told best by the rules of the network, where the line has the words for it.
    refine: (draft, sighting) =>
      /\bE[A-Z]{4,}\b.{0,80}:\d|[Cc]onnection refused|was refused|reach database/.test(sighting.line)
        ? undefined
        : placed(draft, sighting),
  },
  {
    hints: [
      'psql:',
      'syntax error at or near',
      'SQL syntax',
      'near "',
      'unterminated quoted',
      'syntax error at end of input',
      'Parse error near',
      'ER_PARSE_ERROR',
    ],
    pattern:
      /(?:psql:(?<file>[^\s:]{1,300}):(?<line>\d{1,7}): )?(?<message>(?:ERROR:\s{1,3})?(?:syntax error at (?:or near .{1,100}|end of input)|unterminated quoted .{1,100})|You have an error in your SQL syntax.{0,200}|(?:SQLITE_ERROR: |[Pp]arse error: )?near ".{1,60}": syntax error|ER_PARSE_ERROR.{0,200})/,
    category: 'syntax',
    code: 'SQL_SYNTAX',
    refine: (draft, sighting) => ({ ...placed(draft, sighting), location: sqlPlace(sighting.line) ?? draft.location }),
  },
  {
    hints: [
      'ERROR:  ',
      'ERROR 1',
      'SQLITE_',
      'violates ',
      'duplicate key',
      'deadlock',
      'eadlock',
      'does not exist',
      'ReplyError',
      'ErrorReply',
      'ER_',
      'E11000',
      'P20',
      'no such table',
      'no such column',
      'SqliteError',
      'SimpleError',
      ' constraint',
      'already exists',
      'database is locked',
      'could not serialize',
    ],
    pattern:
      /\bERROR: {1,3}(?=\S)|\bERROR 1\d{3} \([0-9A-Z]{5}\)|\bSqliteError: |\bSQLITE_\w{1,40}: |violates (?:unique|foreign key|not-null|check|exclusion) constraint|duplicate key value|[Dd]eadlock (?:detected|found)|\b(?:relation|column|function|type|schema|table) ["'`]?[\w.]{1,100}["'`]?(?:\([\w, ]{0,80}\))? (?:does not exist|already exists)|\b(?:ReplyError|SimpleError|ErrorReply): |\bER_[A-Z_]{3,60}: |E11000 duplicate key|\bno such (?:table|column): |database (?:table )?is locked|could not serialize access|\bP20\d\d\b/,
    category: 'runtime',
    code: 'QUERY_FAILED',
    rank: 'crash',
    refine: (draft, sighting) =>
      // Other tools shout ERROR too; a database says it of a query.
      /ERROR: /.test(sighting.line) && !asked.test(sighting.line)
        ? undefined
        : {
            ...placed(draft, sighting),
            location: sqlPlace(sighting.line) ?? stackLocation(sighting.output, sighting.index),
            transient: /deadlock|is locked|SQLITE_BUSY|could not serialize/i.test(sighting.line),
          },
  },
]

/** What PostgreSQL speaks of after `ERROR:  `. */
const asked =
  /\b(?:ERROR: {2}|psql:|pg_restore:|PSQLException)|\b(?:relation|column|constraint|duplicate key|deadlock|serialize|schema|type|function) /

/** `psql:migrations/3.sql:12: ERROR: …` */
function sqlPlace(line: string): Draft['location'] {
  const match = /psql:([^\s:]{1,300}):(\d{1,7}): /.exec(line)
  return locationOf(match?.[1], match?.[2])
}

function placed(draft: Draft, { output, index, groups }: Sighting): Draft {
  return {
    ...draft,
    location: stackLocation(output, index),
    details: { name: groups['name'] ?? groups['name2'] },
    lineLast: stackEnd(output, index),
  }
}
