import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { InvalidAnswerError } from '../../src/azure/invalid-answer.ts';
import { assertPlainShape } from '../../src/azure/json-shape.ts';
import { readObject } from '../../src/azure/read-object.ts';
import { readClusterModel } from '../../src/azure/cluster-model.ts';
import { replaceList } from '../../src/azure/replace-list.ts';

const shape = (text: string) => () => assertPlainShape(text);

describe('a member that comes twice', () => {
  it.each([
    ['in the body', '{"properties":{},"properties":{}}'],
    ['in the properties', '{"properties":{"provisioningState":"Updating","provisioningState":"Succeeded"}}'],
    ['spelled out', String.raw`{"properties":{"provisioning\u0053tate":"Updating","provisioningState":"Succeeded"}}`],
    ["in the list's own object", '{"properties":{"securityProfile":{"a":1,"b":[{"c":2}],"a":2}}}'],
    ['in a pool', '{"properties":{"x":[1,2],"agentPoolProfiles":[{"name":"a"},{"name":"b","count":1,"name":"c"}]}}'],
    ['in the power state of a pool', '{"properties":{"agentPoolProfiles":[{"powerState":{"code":"a","code":"b"}}]}}'],
    ['behind odd strings', String.raw`{"t":"\\\"{[","properties":{"a":"}","b":"\\","a":1}}`],
  ])('%s is refused', (_where, text) => {
    expect(shape(text)).toThrow(InvalidAnswerError);
    expect(shape(text)).toThrow(/has the member "\w+" twice/);
  });

  it.each([
    '{"properties":{"a":{"x":1},"b":{"x":1}},"tags":{"x":1}}',
    '{"properties":{"a":[{"x":1},{"x":1}],"b":["x","x"]}}',
    '{"tags":{"x":1,"x":2},"properties":{}}',
    '[1,1]',
    '"a"',
    '',
    '{"__proto__":{},"constructor":{},"properties":{"__proto__":1}}',
  ])('is not found in %s', (text) => {
    expect(shape(text)).not.toThrow();
  });

  it('is found nowhere in what JSON itself writes', () => {
    fc.assert(fc.property(fc.json({ maxDepth: 8 }), (text) => assertPlainShape(text)));
  });

  it('decides nothing about a cluster', () => {
    const text = '{"name":"c","properties":{"provisioningState":"Updating","provisioningState":"Succeeded"}}';
    expect(() => readClusterModel(text)).toThrow('twice');
  });
});

describe('a text that would be costly', () => {
  it.each([
    ['deep and closed', `{"properties":${'['.repeat(600_000)}${']'.repeat(600_000)}}`],
    ['deep for ever', '{"a":'.repeat(2_000_000)],
    ['wide', `[${'[],'.repeat(3_000_000)}[]]`],
  ])('is refused before it is parsed: %s', (_what, text) => {
    const before = process.memoryUsage().heapUsed;
    expect(shape(text)).toThrow(InvalidAnswerError);
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(50 * 1024 * 1024);
    if (text.length > 1024 * 1024) expect(readObject(text)).toBeUndefined();
  });

  it.each(['"', '\\', '{"a":"', '"\\"', '{', ',', ':'])('takes a time that grows with its length only: %j', (piece) => {
    const started = process.cpuUsage();
    try {
      assertPlainShape(piece.repeat(4_000_000 / piece.length));
    } catch (error) {
      expect(error).toBeInstanceOf(InvalidAnswerError);
    }
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });
});

describe('bytes that are no UTF-8', () => {
  it('are never sent back', () => {
    const bytes = Buffer.from('{"tags":{"a":"XX"},"properties":{}}');
    bytes[bytes.indexOf('XX')] = 0xff;
    const text = bytes.toString('utf8');
    expect(() => replaceList(text, [])).toThrow(InvalidAnswerError);
    expect(() => replaceList(text, [])).toThrow('is not UTF-8 at character 14');
    expect(() => replaceList(String.raw`{"tags":{"a":"\ufffd"},"properties":{}}`, [])).not.toThrow();
  });
});
