import { describe, expect, test } from '@jest/globals';
import { readModuleFile, readModuleJson } from './hcl-blocks.js';
import { findRootModules } from './root-modules.js';

const rootsOf = (tree: Record<string, string>) =>
  findRootModules(Object.entries(tree).map(([directory, text]) => ({ directory, files: [readModuleFile(text)] })));

describe('a directory', () => {
  test.each(['terraform {}', 'provider "x" {}', 'resource "a" "b" {}', 'module "m" {}', 'data "a" "b" {}'])(
    'with %s is a root module',
    (text) => expect(rootsOf({ a: text })).toEqual(['a']),
  );

  test('with variables, outputs or locals alone is not', () => {
    expect(rootsOf({ a: 'variable "v" {}\noutput "o" { value = 1 }\nlocals { x = 1 }\n' })).toEqual([]);
  });

  test('in a directory called modules is not, at any depth', () => {
    const text = 'resource "a" "b" {}';
    expect(rootsOf({ 'modules/a': text, 'x/modules': text, 'x/modules/y': text, 'my-modules': text })).toEqual([
      'my-modules',
    ]);
  });

  test('that another one calls as a module is not, whoever calls', () => {
    const resource = 'resource "a" "b" {}\n';
    expect(
      rootsOf({
        '.': 'module "net" {\n  source = "./net"\n}\n',
        net: resource,
        'modules/db': 'module "shared" {\n  source = "../../shared/"\n}\n',
        shared: resource,
        prod: resource,
      }),
    ).toEqual(['.', 'prod']);
  });

  test('that is called but says where its state is kept is one', () => {
    expect(rootsOf({ a: 'terraform {\n  backend "s3" {}\n}\n', b: 'module "a" {\n  source = "../a"\n}\n' })).toEqual([
      'a',
      'b',
    ]);
  });

  test('that calls one outside of the repository, or in a registry, excludes nothing', () => {
    expect(rootsOf({ a: 'module "x" {\n  source = "../../elsewhere"\n}\nmodule "y" {\n source = "a/b/c"\n}' })).toEqual(
      ['a'],
    );
  });
});

describe('a file', () => {
  const blocksOf = (text: string) => [...readModuleFile(text).blocks];

  test('is read past comments, strings, templates and heredocs that look like blocks', () => {
    const text = [
      '# resource "a" "b" {',
      '// module "m" {',
      '/* provider "p" {',
      'data "d" "e" {} */',
      'locals {',
      '  a = "}\\" resource \\"x\\" {"',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: a template of Terraform
      '  b = "${join("}", [for x in var.y : "${x}{"])} $${"',
      '  c = <<-EOT',
      'resource "in" "heredoc" {',
      '}}}}',
      '  EOT',
      '  d = { resource = 1 }',
      '}',
      'output "last" { value = 1 }',
    ].join('\n');
    expect(blocksOf(text)).toEqual(['locals', 'output']);
  });

  test('that is cut off or is not Terraform at all is read as far as it goes', () => {
    for (const text of [
      'resource "a" "b" {\n x = "',
      'resource',
      '}}}\nresource "a" "b" {',
      'a = <<EOT\nresource {',
      '\0\0"',
    ])
      expect(() => blocksOf(text)).not.toThrow();
    expect(blocksOf('}}}\nresource "a" "b" {')).toContain('resource');
  });

  test('calls the modules of its module blocks, and nothing else that is called source', () => {
    const text = [
      'module "a" {',
      '  source  = "./a" # comment',
      '  version = "../no"',
      '  nested = { source = "./nested" }',
      '}',
      'resource "x" "y" {',
      '  source = "./file"',
      '}',
      'module "b" { source = "../b" }',
    ].join('\n');
    expect(readModuleFile(text).localSources).toEqual(['./a', '../b']);
  });

  test('has a backend only in its terraform block', () => {
    expect(readModuleFile('terraform {\n  required_version = "> 1"\n  cloud {}\n}').hasBackend).toBe(true);
    expect(readModuleFile('resource "x" "y" {\n  backend {}\n}').hasBackend).toBe(false);
  });

  test('in JSON says the same; one that is broken counts, so that its error is seen', () => {
    const file = readModuleJson(
      JSON.stringify({
        terraform: [{ backend: { s3: {} } }],
        module: { a: { source: './a' }, b: [{ source: 'x/y/z' }] },
      }),
    );
    expect([...file.blocks]).toEqual(['terraform', 'module']);
    expect(file).toMatchObject({ hasBackend: true, localSources: ['./a'] });
    expect([...readModuleJson('{').blocks]).toEqual(['terraform']);
    for (const text of ['null', '[]', '"x"', '{"module":null,"terraform":1}'])
      expect(readModuleJson(text).localSources).toEqual([]);
  });
});
