import { describe, expect, test } from '@jest/globals';
import { planText, stripRefreshing } from './plan-text.js';

const plan = `Terraform will perform the following actions:

  # terraform_data.a will be updated in-place
  ~ resource "terraform_data" "a" {
      ~ input = "grüße" -> "x"
    }

Plan: 0 to add, 1 to change, 0 to destroy.`;

describe('stripRefreshing', () => {
  test('drops everything up to the last refresh line', () => {
    const text = `data.x.y: Reading...\na.b: Refreshing state... [id=1]\nmodule.m["k: v"].a.c: Refreshing state...\n\n${plan}\n`;
    expect(stripRefreshing(text)).toBe(`\n${plan}\n`);
  });

  test('leaves a text without refresh lines alone', () => {
    expect(stripRefreshing(plan)).toBe(plan);
    expect(stripRefreshing('')).toBe('');
  });

  test('the same words inside a diff are a value, not a refresh line', () => {
    const text = `a.b: Refreshing state... [id=1]\n${plan}\n      + log = <<-EOT\n            a.b: Refreshing state... [id=1]\n        EOT\n`;
    expect(stripRefreshing(text)).toBe(text.slice(text.indexOf('\n') + 1));
  });
});

describe('planText', () => {
  test('is the plan as Terraform prints it, without preamble and without the hint about the plan file', () => {
    const text = `a.b: Refreshing state... [id=1]\n\n${plan}\n\n${'─'.repeat(77)}\n\nSaved the plan to: /secret/path.tfplan\n\nTo perform exactly these actions, run the following command to apply:\n    terraform apply "/secret/path.tfplan"\n`;
    expect(planText(text)).toBe(plan);
  });

  test('keeps the indent of the first line', () => {
    expect(planText('\n \n  ~ a\n')).toBe('  ~ a');
  });
});
