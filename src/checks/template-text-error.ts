import { TemplateError } from '../analysis/templates';

/** A text that is no template, with the place where it stops to be one, counted from 1. */
export class TemplateTextError extends TemplateError {
  constructor(template: string, public readonly line: number, public readonly column: number, problem: string) {
    super(template, `line ${line}, column ${column}: ${problem}`);
    this.name = 'TemplateTextError';
  }
}

/** A text of more than one document. Templates are one, while other YAML, such as that of Kubernetes, is often several. */
export class SecondDocumentError extends TemplateTextError {}
