/** Elastic IP addresses of instances and of their interfaces. */
import { Evaluated, Reference, Resource, Template, World } from '../resources';
import { known, Unknown, unknown, Value } from '../value';
import { nameOf } from './joins';
import { text, whyNot } from './properties';

/** Whether an instance has a public address by an Elastic IP address; `undefined` where nothing speaks of it. */
export type ElasticAddressOf = (instance: Resource, attached: Resource | undefined) => Value<boolean> | undefined;

/** What names the owner of an address: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ec2-eip.html. */
const OWNERS = [
  ['AWS::EC2::EIP', 'InstanceId'],
  ['AWS::EC2::EIPAssociation', 'InstanceId'],
  ['AWS::EC2::EIPAssociation', 'NetworkInterfaceId'],
] as const;

export function readElasticAddresses(world: World): ElasticAddressOf {
  // Most apps have addresses for NAT gateways alone, and instances in groups: nothing asks then, and they need not be made out.
  let read: Addresses | undefined;
  return (instance, attached) => {
    const { owned, open } = read ??= addressesIn(world);
    return owned.get(instance) ?? (attached && owned.get(attached))
      // What a template is given before it is deployed is none of its own instances.
      ?? open.find(({ template }) => template !== instance.template)?.unknown;
  };
}

interface Addresses {
  readonly owned: ReadonlyMap<Resource, Value<boolean>>;
  readonly open: ReadonlyArray<{ readonly template: Template; readonly unknown: Unknown }>;
}

function addressesIn(world: World): Addresses {
  const owned = new Map<Resource, Value<boolean>>();
  const open: Array<{ readonly template: Template; readonly unknown: Unknown }> = [];
  for (const [type, property] of OWNERS) {
    for (const resource of world.resourcesOf(type)) {
      const owner = resource.property(property);
      if (owner?.kind === 'reference' && isOwner(owner.resource)) {
        const before = owned.get(owner.resource);
        owned.set(owner.resource, before?.known ? before : isPublic(resource, owner));
      } else if (owner) {
        open.push({ template: resource.template, unknown: unknown(`${nameOf(resource)} may be for it: ${whyNotGiven(owner)}`) });
      }
    }
  }
  return { owned, open };
}

function isOwner({ type }: Resource): boolean {
  return type === 'AWS::EC2::Instance' || type === 'AWS::EC2::NetworkInterface';
}

/** Without a private address it is for the primary one, from which an instance calls. */
function isPublic(resource: Resource, owner: Reference): Value<boolean> {
  return resource.property('PrivateIpAddress')
    ? unknown(`${nameOf(resource)} is for one of several private addresses`)
    : known(true, owner.assumes);
}

function whyNotGiven(owner: Evaluated): string {
  const literal = text(owner)!;
  return literal.known ? `${literal.value} is not of what is given` : whyNot(owner);
}
