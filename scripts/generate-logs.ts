/**
 * Writes the table of docs/reference/logs.md from the calls of loggers in src. A call whose message or fields are not written out
 * is an error: the messages are constants, so that people can search for them and alert on them.
 */
import { globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { tableOf, writeBelow } from './pages.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MARK = '<!-- Generated from the calls in src: make generate -->';
const LEVELS = ['error', 'warn', 'info', 'debug'];

interface Line {
  readonly level: string;
  readonly message: string;
  readonly fields: readonly string[];
}

function linesOf(file: string): Line[] {
  const source = ts.createSourceFile(file, readFileSync(`${ROOT}${file}`, 'utf8'), ts.ScriptTarget.Latest, true);
  const found: Line[] = [];
  const fail = (node: ts.Node, what: string): never => {
    const { line } = source.getLineAndCharacterOfPosition(node.getStart());
    throw new Error(`${file}:${line + 1}: ${what}`);
  };

  function visit(node: ts.Node): void {
    ts.forEachChild(node, visit);
    if (!ts.isCallExpression(node)) return;
    const { expression, arguments: given } = node;
    const receiver = ts.isPropertyAccessExpression(expression) || ts.isElementAccessExpression(expression);
    if (!receiver || !/(?:^|\.)logger$/.test(expression.expression.getText())) return;
    if (!ts.isPropertyAccessExpression(expression)) return fail(node, 'The level has to be written out.');
    const level = expression.name.text;
    if (level === 'child') return;
    const [fields, message] = given;
    if (!fields || !message) return fail(node, 'A logger takes fields and a message.');
    for (const text of textsOf(message)) found.push({ level, message: text, fields: namesOf(fields) });
  }

  /** The texts that an expression can be: a literal, either branch of a condition, or what callers hand to a parameter. */
  function textsOf(node: ts.Expression): string[] {
    if (ts.isStringLiteralLike(node)) return [node.text];
    if (ts.isConditionalExpression(node)) return [...textsOf(node.whenTrue), ...textsOf(node.whenFalse)];
    if (ts.isIdentifier(node)) {
      const owner = ts.findAncestor(node, ts.isFunctionDeclaration);
      const index = owner?.parameters.findIndex(({ name }) => name.getText() === node.text) ?? -1;
      const texts = index < 0 ? [] : callsOf(owner!.name!.text).flatMap((call) => textsOf(call.arguments[index]!));
      if (texts.length > 0) return texts;
    }
    return fail(node, 'The message has to be a text that is written out; put what varies into a field.');
  }

  function callsOf(name: string): ts.CallExpression[] {
    const calls: ts.CallExpression[] = [];
    const search = (node: ts.Node): void => {
      if (ts.isCallExpression(node) && node.expression.getText() === name) calls.push(node);
      ts.forEachChild(node, search);
    };
    search(source);
    return calls;
  }

  function namesOf(node: ts.Expression): string[] {
    if (ts.isObjectLiteralExpression(node))
      return node.properties.map((one) => one.name?.getText() ?? fail(one, 'The fields have to be written out.'));
    const scope = ts.findAncestor(node, ts.isBlock);
    for (const statement of scope?.statements ?? [])
      if (ts.isVariableStatement(statement))
        for (const { name, initializer } of statement.declarationList.declarations)
          if (name.getText() === node.getText() && initializer) return namesOf(initializer);
    return fail(node, 'The fields have to be written out.');
  }

  visit(source);
  return found;
}

const lines = globSync('src/**/*.ts', { cwd: ROOT })
  .sort()
  .flatMap((file) => linesOf(file));
const same = Map.groupBy(lines, ({ level, message }) => `${level} ${message}`);
const rows = [...same.values()]
  .map(([first, ...others]) => ({
    ...first!,
    fields: [...new Set([first!, ...others].flatMap(({ fields }) => fields))],
  }))
  .toSorted((a, b) => LEVELS.indexOf(a.level) - LEVELS.indexOf(b.level) || (a.message < b.message ? -1 : 1))
  .map(({ level, message, fields }) => [level, message, fields.map((field) => `\`${field}\``).join(', ')]);
await writeBelow('logs', MARK, tableOf(['level', 'message', 'fields'], rows));
