/**
 * What the aspects have in common: one analysis for all of them, when everything that they are to judge is there.
 *
 * An aspect sees a construct before others have changed what is below it, whatever their priorities: those hold for one construct only. So
 * aspects only note what they are to judge, and it is judged when constructs are validated: all aspects have been there by then,
 * dependencies and references between stacks are resolved, and the annotations still get into the assembly.
 */
import { Annotations, CfnResource, Stage } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { check, Finding, PLUGIN_NAME } from '../analysis/check';
import { placeKey } from '../analysis/defaults-behind';
import type { AccountSettings } from '../analysis/facts';
import { type Rule, SEVERITIES } from '../analysis/rule';
import { RULES } from '../analysis/rules';
import { Acknowledgements } from './acknowledgements';
import { ConstructTree, readTree } from './tree-source';
import { description, switchedOff, unknownRule } from './wording';

/** What an aspect judges by. */
export interface Judging {
  readonly rules: ReadonlySet<Rule>;
  readonly settings: AccountSettings;
}

/** What is to be judged of an app or a stage: the constructs of each aspect. */
type Noted = Map<Judging, Set<CfnResource>>;

/** By app or stage. What was judged is gone from it, so that the next synthesis judges what there is then. */
const NOTED = new WeakMap<Stage, Noted>();

/** What was said of a construct, so that another synthesis does not say it again. */
const SAID = new WeakMap<IConstruct, Set<string>>();

/** Notes that a construct is to be judged by an aspect. */
export function note(construct: IConstruct, judging: Judging): void {
  if (!CfnResource.isCfnResource(construct)) {
    return;
  }
  const stage = Stage.of(construct);
  if (!stage) {
    return;
  }
  const noted = notedIn(stage);
  const constructs = noted.get(judging);
  if (constructs) {
    constructs.add(construct);
  } else {
    noted.set(judging, new Set([construct]));
  }
}

function notedIn(stage: Stage): Noted {
  const before = NOTED.get(stage);
  if (before) {
    return before;
  }
  const noted: Noted = new Map();
  NOTED.set(stage, noted);
  stage.node.addValidation({
    validate: () => {
      annotate(stage, noted);
      noted.clear();
      return [];
    },
  });
  return noted;
}

function annotate(stage: Stage, noted: Noted): void {
  if (noted.size === 0 || switchedOff() || pluginSpeaksFor(stage)) {
    return;
  }
  const tree = readTree(stage, { stages: false });
  const acknowledgements = new Acknowledgements(tree.acknowledgements);
  // One analysis for all that are told the same of the account.
  const bySettings = new Map<string, Judging[]>();
  for (const judging of noted.keys()) {
    const key = JSON.stringify(judging.settings);
    bySettings.set(key, [...bySettings.get(key) ?? [], judging]);
  }
  // Told once, however many aspects find it: with other settings it may be severer.
  const told = new Map<string, { readonly construct: CfnResource; readonly finding: Finding }>();
  for (const judgings of bySettings.values()) {
    for (const finding of findings(tree, judgings)) {
      const construct = tree.constructOf(finding.template, finding.resource);
      const isNoted = construct && judgings.some((judging) => noted.get(judging)!.has(construct) && judges(judging, finding));
      const key = placeKey(finding);
      const before = told.get(key)?.finding;
      const isSeverer = !before || SEVERITIES.indexOf(finding.severity) < SEVERITIES.indexOf(before.severity);
      if (isNoted && isSeverer && acknowledgements.reasonFor({ rule: finding.rule, path: construct.node.path }) === undefined) {
        told.set(key, { construct, finding });
      }
    }
  }
  told.forEach(({ construct, finding }) => say(construct, finding));
  for (const { id, paths } of acknowledgements.unknown(RULES)) {
    for (const path of paths) {
      warn(constructAt(path, stage.node.root), `${PLUGIN_NAME}::unknown-acknowledgement`, unknownRule(id));
    }
  }
}

/** The construct of a path of which it is known that there is one. */
function constructAt(path: string, root: IConstruct): IConstruct {
  return path.split('/').reduce((construct, id) => construct.node.tryFindChild(id) ?? construct, root);
}

function judges({ rules }: Judging, { rule }: Finding): boolean {
  return [...rules].some(({ id }) => id === rule);
}

function findings({ templates, imported }: ConstructTree, judgings: readonly Judging[]): readonly Finding[] {
  const rules = RULES.filter((rule) => judgings.some((judging) => judging.rules.has(rule)));
  return check(templates, rules, { accountSettings: judgings[0].settings, ...imported }).findings;
}

/** Whether the plugin judges a stage: it is on the stage, or on what that is in. */
function pluginSpeaksFor(stage: Stage): boolean {
  return stage.node.scopes.filter(Stage.isStage).some((scope) => {
    const { _validationPlugins: plugins } = scope as unknown as { readonly _validationPlugins?: ReadonlyArray<{ readonly name: string }> };
    return Array.isArray(plugins) && plugins.some(({ name }) => name === PLUGIN_NAME);
  });
}

function say(construct: CfnResource, finding: Finding): void {
  const id = `${PLUGIN_NAME}::${finding.rule}`;
  const text = `${description(finding)} To mend it: ${finding.fix}`;
  switch (finding.severity) {
    case 'error': once(construct, text, () => Annotations.of(construct).addError(`${text} (${id})`)); break;
    case 'warning': warn(construct, id, text); break;
    case 'info': once(construct, text, () => Annotations.of(construct).addInfo(`${text} (${id})`)); break;
  }
}

function warn(construct: IConstruct, id: string, text: string): void {
  once(construct, text, () => Annotations.of(construct).addWarningV2(id, text));
}

function once(construct: IConstruct, text: string, action: () => void): void {
  const said = SAID.get(construct) ?? new Set();
  SAID.set(construct, said);
  if (!said.has(text)) {
    said.add(text);
    action();
  }
}
