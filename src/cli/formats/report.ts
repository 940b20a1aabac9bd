import type { Judged } from '../judging';
import type { ResourceLines } from '../resource-lines';

/** What a format puts into words. */
export interface Reported extends Judged {
  /** Where the resources of a template stand in it. */
  linesOf(template: string): ResourceLines;
}
