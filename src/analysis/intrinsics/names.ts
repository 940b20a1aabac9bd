/** `Ref`, `Fn::GetAtt` and `Fn::Sub`: what stands for what a template or a nested stack calls by a name. */
import type { Call, Evaluator } from '../intrinsics';
import type { Evaluated } from '../resources';
import { isBody, OutputModel, TemplateModel, TemplateSet } from '../templates';
import { pseudo } from './pseudo';
import { assuming, malformed, passedOn, scalar, shown, undecided } from './results';
import { textOf } from './texts';

/** `Ref`, of what its template calls a name. */
export function ref({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const name = evaluator.literalText(model, argument);
  return name === undefined
    ? malformed(evaluator.set, model, raw, 'Ref takes the name of a parameter or a resource')
    : named(evaluator, model, name);
}

/** `Fn::GetAtt`, `Resource.Attribute` or as a list. */
export function getAtt({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const parts = Array.isArray(argument)
    ? argument.map((part) => evaluator.literalText(model, part))
    : evaluator.literalText(model, argument)?.split('.') ?? [];
  return parts.length < 2 || parts.includes(undefined)
    ? malformed(evaluator.set, model, raw, 'Fn::GetAtt takes a resource and an attribute')
    : attributeOf(evaluator, model, parts[0]!, parts.slice(1).join('.'));
}

/** `Fn::Sub`: a text, or a list of a text and an object with its variables. */
export function sub({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const [template, variables] = Array.isArray(argument) ? argument as unknown[] : [argument, {}];
  if (typeof template !== 'string' || !isBody(variables) || (Array.isArray(argument) && argument.length !== 2)) {
    return malformed(evaluator.set, model, raw, 'Fn::Sub takes a text, or a list of a text and an object');
  }
  // A variable may stand in the text many times, and its value have variables that do.
  const values = new Map<string, Evaluated>();
  const valueOf = (name: string) => {
    const dot = name.indexOf('.');
    const found = Object.hasOwn(variables, name)
      ? evaluator.evaluate(model, variables[name])
      : dot > 0 ? attributeOf(evaluator, model, name.slice(0, dot), name.slice(dot + 1)) : named(evaluator, model, name);
    return found ?? malformed(evaluator.set, model, raw, `${shown(name)} has no value`);
  };
  return textOf(evaluator, model, subParts(template).map(({ literal, variable }): Evaluated => {
    if (variable === undefined) {
      return scalar(literal);
    }
    const value = values.get(variable) ?? valueOf(variable);
    values.set(variable, value);
    return value;
  }));
}

type SubPart = { readonly literal: string; readonly variable?: undefined } | { readonly literal?: undefined; readonly variable: string };

/** What a text of `Fn::Sub` is made of; `${!Name}` stands for `${Name}` itself. */
export function subParts(text: string): readonly SubPart[] {
  return text.split(/(\$\{[^{}]*\})/).filter((part) => part !== '').map((part) => {
    if (!part.startsWith('${') || !part.endsWith('}')) {
      return { literal: part };
    }
    const name = part.slice(2, -1).trim();
    return name.startsWith('!') ? { literal: `\${${name.slice(1)}}` } : { variable: name };
  });
}

/** A reference of a construct tree to another template's resource. */
export function treeReference({ evaluator, model, argument, raw }: Call): Evaluated | undefined {
  const target = treeTarget(evaluator.set, argument);
  if (!target) {
    return malformed(evaluator.set, model, raw, 'it is of a template that is not given');
  }
  return target.attribute === undefined
    ? named(evaluator, target.model, target.logicalId)
    : attributeOf(evaluator, target.model, target.logicalId, target.attribute);
}

/** The resource such a reference, `[template, logical id, attribute]`, is of, if its template is given. */
export function treeTarget(set: TemplateSet, argument: unknown):
{ readonly model: TemplateModel; readonly logicalId: string; readonly attribute?: string } | undefined {
  const [template, logicalId, attribute] = Array.isArray(argument) ? argument as unknown[] : [];
  const model = typeof template === 'string' ? set.named(template) : undefined;
  return model && typeof logicalId === 'string'
    ? { model, logicalId, attribute: typeof attribute === 'string' && attribute !== 'Ref' ? attribute : undefined }
    : undefined;
}

/** What a name stands for in a template; `undefined` for `AWS::NoValue`. */
export function named(evaluator: Evaluator, model: TemplateModel, name: string): Evaluated | undefined {
  if (name.startsWith('AWS::')) {
    return name === 'AWS::NoValue' ? undefined : pseudo(evaluator, model, name);
  }
  return model.parameters.has(name) ? evaluator.parameters.value(model, name) : reference(evaluator, model, name);
}

function reference(evaluator: Evaluator, model: TemplateModel, logicalId: string, attribute?: string): Evaluated {
  const resource = model.resources.get(logicalId);
  const identity = attribute === undefined
    ? evaluator.set.identity('"ref"', model.key, JSON.stringify(logicalId))
    : evaluator.set.identity('"att"', model.key, JSON.stringify(logicalId), JSON.stringify(attribute));
  if (!resource) {
    return undecided(`nothing in template ${model.template.name} is called ${shown(logicalId)}`, identity);
  }
  const { value, assumes } = evaluator.existence(resource);
  return value === false
    ? undecided(`${logicalId} does not exist where ${resource.condition ?? 'its stack\'s condition'} is false`, identity)
    : { kind: 'reference', resource: evaluator.resourceOf(resource), attribute, assumes, identity };
}

/** An attribute of a resource; of a nested stack that is given, its output. */
export function attributeOf(evaluator: Evaluator, model: TemplateModel, logicalId: string, attribute: string): Evaluated | undefined {
  const nested = model.children.get(logicalId);
  const found = reference(evaluator, model, logicalId, attribute);
  if (!nested || found.kind !== 'reference' || !attribute.startsWith('Outputs.')) {
    return found;
  }
  const name = attribute.slice('Outputs.'.length);
  const output = nested.outputs.get(name);
  if (!output) {
    return undecided(`template ${nested.template.name} has no output ${shown(name)}`, found.identity);
  }
  const value = outputValue(evaluator, output);
  return value && assuming(value, found.assumes);
}

/** What an output of a template comes to. */
export function outputValue(evaluator: Evaluator, output: OutputModel): Evaluated | undefined {
  const exists = evaluator.outputExistence(output);
  if (exists.value === false) {
    return undecided(`output ${output.name} does not exist where ${output.condition ?? 'its stack\'s condition'} is false`,
      evaluator.set.identity('"output"', output.model.key, JSON.stringify(output.name)));
  }
  const value = evaluator.evaluateOnce(output.model, output.value);
  return value && assuming(passedOn(value), exists.assumes);
}
