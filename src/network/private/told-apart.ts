import { createHash } from 'node:crypto';
import { Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { knownText } from './known-text';

/** What the framework writes for each number that is known only at deployment. */
const UNTOLD = '{IndirectPort}';

/** What a rule's description may hold: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpRange.html */
const NOT_DESCRIBING = /[^a-zA-Z0-9. _\-:/()#,@[\]+=&;!*]/g;

/** How much of a value is said: a description has 255 characters, with the peer's name. */
const MOST_SAID = 40;

/**
 * A port with a text of its own, such as `{Stack/Port}`, where its numbers are known only at deployment.
 *
 * A group's rules are told apart by the texts of peer and port, and the framework writes the same for every such port: of two rules with
 * one peer the second would count as there already, and would never be made.
 */
export function toldApart(scope: IConstruct, port: ec2.Port): ec2.Port {
  const text = port.toString();
  if (!text.includes(UNTOLD)) {
    return port;
  }
  const { ipProtocol, fromPort, toPort } = port.toRuleJson();
  const unknown = [fromPort, toPort].filter((number) => Token.isUnresolved(number));
  if (unknown.length === 0) {
    return port;
  }
  return new ec2.Port({
    protocol: ipProtocol,
    fromPort,
    toPort,
    stringRepresentation: text.replaceAll(UNTOLD, () => named(scope, unknown.shift())),
  });
}

function named(scope: IConstruct, number: unknown): string {
  const text = textOf(scope, number);
  if (text === undefined) {
    return UNTOLD;
  }
  if (/^\d+$/.test(text)) {
    return text; // a lazy value: the same rule as for the number itself
  }
  const said = text.replace(NOT_DESCRIBING, '').slice(0, MOST_SAID);
  // What is left of two texts may be the same.
  return said === text ? `{${said}}` : `{${said} ${createHash('sha256').update(text).digest('hex').slice(0, 8)}}`;
}

function textOf(scope: IConstruct, number: unknown): string | undefined {
  try {
    return knownText(scope, number).replace(/^\$\{AWS::CloudFormation::Parameter\.Ref of ([^{}]*)\}$/, '$1');
  } catch {
    return undefined; // a lazy value may not be ready
  }
}
