import { Stack, Token } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';

/** The same zone gives the same text, also where it is known only at deployment. */
export function zoneKey(scope: IConstruct, availabilityZone: string): string {
  if (isOfListToken(availabilityZone)) {
    return availabilityZone; // resolving it alone is an error
  }
  // Two readings of Stack.availabilityZones are two tokens that resolve to the same `Fn::Select` of `Fn::GetAZs`.
  return JSON.stringify(Stack.of(scope).resolve(availabilityZone));
}

/** A zone as it is shown in an error. */
export function shownZone(availabilityZone: string): string {
  return Token.isUnresolved(availabilityZone) ? 'a zone known only at deployment' : availabilityZone;
}

/** The zone of a subnet, where it was supplied. It may be known only at deployment. */
export function zoneOfSubnet(subnet: ec2.ISubnet): string | undefined {
  return supplied(() => subnet.availabilityZone);
}

/** What an imported construct was given; `undefined` instead of the error that it throws otherwise. */
export function supplied(get: () => string): string | undefined {
  try {
    return get();
  } catch {
    return undefined;
  }
}

/** Whether a string stands for a whole list whose length is known only at deployment. */
export function isOfListToken(value: string): boolean {
  return !Token.isUnresolved(value) && Token.isUnresolved([value]);
}
