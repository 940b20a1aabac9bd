/**
 * Leaves out of the mutation tests what a rule says of itself, and the two fragments that are printed in the docs.
 *
 * The texts are the docs: a test can only repeat them. The fragments are test data that stand beside the rule, and a change of them that
 * matters turns their own test red. What a rule computes, its messages and fixes, is left in.
 */
import { declareValuePlugin, PluginKind } from '@stryker-mutator/api/plugin';

const TEXTS = ['id', 'family', 'summary', 'why', 'fix', 'acknowledge', 'source'];
const FRAGMENTS = ['bad', 'good'];

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'rule-texts', {
    shouldIgnore(path) {
      if (path.isObjectProperty() && isOfRule(path) && [...TEXTS, ...FRAGMENTS].includes(path.node.key.name)) {
        return 'what a rule says of itself is documentation';
      }
      return path.isVariableDeclarator() && makesFragments(path) ? 'fragments are test data' : undefined;
    },
  }),
];

/** Whether a property is one of `export const … : Rule = {…}`. */
function isOfRule(property) {
  const declarator = property.parentPath?.parentPath;
  return declarator?.isVariableDeclarator() === true && declarator.node.id.typeAnnotation?.typeAnnotation?.typeName?.name === 'Rule';
}

/** Whether something at the top of a file is used by fragments of the rule, or by what makes them, only. */
function makesFragments(declarator, seen = new Set()) {
  const { name } = declarator.node.id;
  if (name === undefined || seen.has(name) || !declarator.parentPath.parentPath.isProgram()) {
    return false;
  }
  const { referencePaths = [] } = declarator.scope.getBinding(name) ?? {};
  return referencePaths.length > 0 && referencePaths.every((reference) => {
    const property = reference.findParent((parent) => parent.isObjectProperty() && isOfRule(parent));
    const user = reference.findParent((parent) => parent.isVariableDeclarator() && parent.parentPath.parentPath.isProgram());
    return property ? FRAGMENTS.includes(property.node.key.name) : user !== null && makesFragments(user, new Set([...seen, name]));
  });
}
