import { Duration, Stack, type StackProps } from 'aws-cdk-lib';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { AwsvpcService, DualStack, TaskPort } from 'cdk-ecs-network-modes';
import type { Construct } from 'constructs';
import { NGINX, OWN_HEALTH_PATH } from '../forwarding-nginx';

/**
 * IPv6 in a VPC that has been IPv4 only: a web front end with both kinds of address behind a dual-stack load balancer, and an API whose
 * tasks have IPv6 addresses only.
 *
 * Shows: one line that gives the VPC IPv6, and no other that says it again: the load balancer becomes dual stack and lets IPv6 clients in
 * as it does others, its target group takes IPv6 addresses, tasks get out by IPv6 through an egress-only gateway. Tasks of the API need
 * no IPv4 address: they are registered by AAAA record, and reach IPv4 destinations through the NAT gateway. Three paths, clients → load
 * balancer → web → API, and no other.
 *
 * The account setting dualStackIPv6 must be on: whether it is by default AWS's own page tells in two ways. And containers must listen on
 * IPv6, as nginx does here. Not every Region has IPv6-only tasks.
 *
 * Costs: four Fargate tasks (by vCPU and GB of memory), an Application Load Balancer (by the hour and by capacity units) with its
 * public IPv4 addresses, a NAT gateway (by the hour and by the GB) with its public address, a private hosted zone and its queries,
 * CloudWatch logs. The egress-only gateway and the IPv6 addresses cost nothing.
 *
 * Not for a VPC that is made anew: `ipProtocol: DUAL_STACK` of `ec2.Vpc` does the same there. Not for a VPC that is running out of IPv4
 * addresses, unless its tasks go IPv6-only: dual-stack tasks take as many as before. See secondary-cidr.
 */
export class DualStackStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const vpc = new ec2.Vpc(this, 'Vpc', { maxAzs: 2, natGateways: 1 });
    const dualStack = DualStack.enable(vpc);
    const ipv6Only = dualStack.addIpv6OnlySubnets('Ipv6Only');

    const cluster = new ecs.Cluster(this, 'Cluster', { vpc, defaultCloudMapNamespace: { name: 'shop.internal' } });
    const api = new AwsvpcService(this, 'Api', {
      cluster,
      vpcSubnets: ipv6Only.selection,
      desiredCount: 2,
      container: nginxListeningOnBoth('location / { return 200 hello; }'),
      ports: [TaskPort.tcp(8080)],
    });
    api.enableCloudMap({ name: 'api', dnsTtl: Duration.seconds(10) });

    const web = new AwsvpcService(this, 'Web', {
      cluster,
      desiredCount: 2,
      container: nginxListeningOnBoth(`${RESOLVER} set \\$upstream http://api.shop.internal:8080; location / { proxy_pass \\$upstream; }`),
      ports: [TaskPort.tcp(8080)],
    });
    api.connections.allowDefaultPortFrom(web, 'Web calls the API');

    const loadBalancer = new elbv2.ApplicationLoadBalancer(this, 'LoadBalancer', { vpc, internetFacing: true });
    // HTTP, because a certificate needs a domain of yours; `open` because this page is for everyone.
    const listener = loadBalancer.addListener('Http', { port: 80, open: true });
    listener.addTargets('Web', {
      port: 80,
      targets: [web],
      healthCheck: { path: OWN_HEALTH_PATH, healthyHttpCodes: '204' },
      deregistrationDelay: Duration.seconds(30),
    });
  }
}

/** Names are looked up at every request, because tasks come and go. nginx wants brackets around an IPv6 address. */
const RESOLVER = 'resolver $(awk \'/^nameserver/ { print index($2, ":") ? "[" $2 "]" : $2; exit }\' /etc/resolv.conf) valid=10s;';

/** nginx on both kinds of address: to IPv6 clients, a server that listens on IPv4 alone is not there. */
function nginxListeningOnBoth(directives: string) {
  const server = `server { listen 8080; listen [::]:8080; location = ${OWN_HEALTH_PATH} { return 204; } ${directives} }`;
  return {
    ...NGINX,
    command: ['/bin/sh', '-c', `echo "${server}" > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'`],
  };
}
