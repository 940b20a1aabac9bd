import * as ecs from 'aws-cdk-lib/aws-ecs';

/** nginx that runs as a user of its own and listens on 8080: it stands in for the applications of the examples. */
export const NGINX = {
  image: ecs.ContainerImage.fromRegistry('public.ecr.aws/nginx/nginx-unprivileged:1.29.1-alpine3.22'),
  user: '101',
};

/**
 * The same nginx, passing every request on: after a deployment, a request to the first service shows that the path to the last one
 * is open.
 *
 * @param upstream where to, such as `http://api.shop.internal:8080`; looked up at every request, because tasks come and go
 */
export function nginxForwardingTo(upstream: string) {
  return runningWith('resolver $(awk \'/^nameserver/ { print $2; exit }\' /etc/resolv.conf) valid=10s; '
    + `set \\$upstream ${upstream}; location / { proxy_pass \\$upstream; }`);
}

/**
 * The same for a name of Service Connect, which is in the task's /etc/hosts from the start and stays: nginx must read it there and
 * not ask DNS.
 *
 * @param upstream where to, such as `http://greeter:8080`
 */
export function nginxForwardingToServiceConnect(upstream: string) {
  return runningWith(`location / { proxy_pass ${upstream}; }`);
}

/** The health check of a forwarding service must not depend on the next one: this path answers by itself. */
export const OWN_HEALTH_PATH = '/health';

function runningWith(directives: string) {
  const server = `server { listen 8080; location = ${OWN_HEALTH_PATH} { return 204; } ${directives} }`;
  return {
    ...NGINX,
    command: ['/bin/sh', '-c', `echo "${server}" > /etc/nginx/conf.d/default.conf && exec nginx -g 'daemon off;'`],
  };
}
