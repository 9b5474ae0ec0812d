import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { withManifestText, withRenamedDependency } from '../../src/repair/dependencies/dependency-manifest-edit.js'

describe('withManifestText()', () => {
  it('replaces a text and leaves all else as it is', () => {
    expect(withManifestText('{\n\t"type" :  "module",\n\t"a": 1\n}\n', ['type'], 'commonjs')).toBe(
      '{\n\t"type" :  "commonjs",\n\t"a": 1\n}\n',
    )
    expect(withManifestText('{"dependencies":{"a":"1","b":"2"}}', ['dependencies', 'b'], '^3')).toBe(
      '{"dependencies":{"a":"1","b":"^3"}}',
    )
  })

  it('puts a new dependency in its place in the alphabet', () => {
    const text = '{\n  "dependencies": {\n    "a": "1",\n    "c": "3"\n  }\n}\n'
    expect(withManifestText(text, ['dependencies', 'b'], '2')).toBe(
      '{\n  "dependencies": {\n    "a": "1",\n    "b": "2",\n    "c": "3"\n  }\n}\n',
    )
    expect(withManifestText(text, ['dependencies', 'd'], '4')).toBe(
      '{\n  "dependencies": {\n    "a": "1",\n    "c": "3",\n    "d": "4"\n  }\n}\n',
    )
    expect(
      withManifestText('{\n  "dependencies": {\n    "z": "1",\n    "c": "3"\n  }\n}\n', ['dependencies', 'b'], '2'),
    ).toContain('"c": "3",\n    "b": "2"\n')
  })

  it('puts a second dependency before the first where the alphabet does, and no other member', () => {
    expect(withManifestText('{\n  "dependencies": {\n    "z": "1"\n  }\n}\n', ['dependencies', 'b'], '2')).toBe(
      '{\n  "dependencies": {\n    "b": "2",\n    "z": "1"\n  }\n}\n',
    )
    expect(withManifestText('{"version":"1"}', ['type'], 'module')).toBe('{"version":"1","type":"module"}')
  })

  it('fills an empty object, and makes one that is missing', () => {
    expect(withManifestText('{\n    "name": "x",\n    "dependencies": {}\n}', ['dependencies', 'b'], '2')).toBe(
      '{\n    "name": "x",\n    "dependencies": {\n        "b": "2"\n    }\n}',
    )
    expect(withManifestText('{\r\n  "name": "x"\r\n}\r\n', ['devDependencies', 'b'], '2')).toBe(
      '{\r\n  "name": "x",\r\n  "devDependencies": {\r\n    "b": "2"\r\n  }\r\n}\r\n',
    )
    expect(withManifestText('{}', ['type'], 'module')).toBe('{"type":"module"}')
    expect(withManifestText('{"name":"x"}', ['dependencies', 'b'], '2')).toBe('{"name":"x","dependencies":{"b":"2"}}')
  })

  it('keeps members that share a line on it', () => {
    expect(withManifestText('{\n  "dependencies": { "a": "1" }\n}', ['dependencies', 'b'], '2')).toBe(
      '{\n  "dependencies": { "a": "1", "b": "2" }\n}',
    )
    expect(withManifestText('{\n  "dependencies": {"a": "1"}\n}', ['dependencies', 'b'], '2')).toBe(
      '{\n  "dependencies": {"a": "1", "b": "2"}\n}',
    )
  })

  it('refuses what is no object', () => {
    for (const text of ['', '[]', '{,', '7', 'a => b']) expect(withManifestText(text, ['type'], 'module')).toBeUndefined()
    expect(withManifestText('{"dependencies":[]}', ['dependencies', 'a'], '1')).toBeUndefined()
  })

  it('sets exactly that one member, in any manifest', () => {
    const name = fc.stringMatching(/^[a-z@/]{1,6}$/)
    const manifest = fc.record(
      { name, dependencies: fc.dictionary(name, fc.string()), scripts: fc.dictionary(name, fc.string()) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(manifest, name, fc.string(), fc.constantFrom(undefined, 2, '\t'), (json, key, value, space) => {
        const text = withManifestText(JSON.stringify(json, null, space), ['dependencies', key], value) ?? ''
        expect(JSON.parse(text)).toEqual({ ...json, dependencies: { ...json.dependencies, [key]: value } })
        if (space !== undefined && Object.keys(json.dependencies ?? {}).length > 0)
          expect(text).toBe(JSON.stringify(JSON.parse(text), null, space))
      }),
    )
  })
})

describe('withRenamedDependency()', () => {
  it('renames it wherever it is declared, and nowhere else', () => {
    const text = '{"name":"a","scripts":{"a":"a"},"dependencies":{"a":"1"},"peerDependencies":{ "a" : "2" }}'
    expect(withRenamedDependency(text, 'a', 'b')).toBe(
      '{"name":"a","scripts":{"a":"a"},"dependencies":{"b":"1"},"peerDependencies":{ "b" : "2" }}',
    )
    expect(withRenamedDependency(text, 'z', 'b')).toBeUndefined()
    expect(withRenamedDependency('{', 'a', 'b')).toBeUndefined()
  })
})
