import { CfnParameter } from 'aws-cdk-lib';
import { BridgePort, PortRange } from '../../src';
import { bridgeService, ec2Capacity, type World, world } from '../fixtures';
import { expectRefusal } from '../refusal';

/** A range of which one end or both are known only at deployment, and the world it is in. */
function given(first: number | undefined, last: number | undefined): { here: World; dynamicPorts: PortRange } {
  const here = world();
  const parameter = (id: string) => new CfnParameter(here.stack, id, { type: 'Number' }).valueAsNumber;
  return { here, dynamicPorts: PortRange.of(first ?? parameter('First'), last ?? parameter('Last')) };
}

describe.each<[string, number | undefined, number | undefined]>([
  ['the first port', undefined, 50000],
  ['the last port', 40000, undefined],
  ['both', undefined, undefined],
])('of dynamicPorts %s may be known only at deployment', (_what, first, last) => {
  test('and what cannot be told is not refused', () => {
    const { here, dynamicPorts } = given(first, last);
    const capacity = ec2Capacity(here.cluster, 'It', { dynamicPorts });
    expect(() => bridgeService(here, { capacity, ports: [BridgePort.fixed({ hostPort: 45000, containerPort: 80 })] })).not.toThrow();
  });
});

test.each([[undefined, 2376], [22, undefined]])('a reserved port that is an end is refused: %p to %p', (first, last) => {
  const { here, dynamicPorts } = given(first, last);
  expectRefusal(() => ec2Capacity(here.cluster, 'It', { dynamicPorts }), 'Test/It',
    `'dynamicPorts' ${first ?? '…'}-${last ?? '…'} must not hold port ${first ?? last}`);
});

test.each([[undefined, 45000], [45000, undefined]])('a fixed port that is an end is refused: %p to %p', (first, last) => {
  const { here, dynamicPorts } = given(first, last);
  const capacity = ec2Capacity(here.cluster, 'It', { dynamicPorts });
  expectRefusal(() => bridgeService(here, { capacity, ports: [BridgePort.fixed({ hostPort: 45000, containerPort: 80 })] }), 'Test/Web',
    `fixed host port 45000/tcp lies in the capacity's dynamic range ${first ?? '…'}-${last ?? '…'}`);
});
