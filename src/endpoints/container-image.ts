/**
 * Where an image comes from, by its name. Constructs and rules must agree on it: what a subnet without a way out needs depends on it.
 *
 * `[E06]` and the like are rows of docs/facts.md.
 */

/** Where an image comes from, as far as its name tells. */
export type ImageSource =
  /** A private ECR repository; `region` where its name says one. */
  | { readonly from: 'ecr'; readonly region?: string }
  /** A registry that is on the internet. */
  | { readonly from: 'internet'; readonly registry: string }
  | { readonly from: 'unknown'; readonly why: string };

/**
 * Registries on the internet, by their host or what it ends with. ECR Public and Docker Hub are [E06]
 * (https://docs.aws.amazon.com/AmazonECR/latest/userguide/vpc-endpoints.html); the others are no AWS service, so none has an endpoint of AWS.
 */
const ON_THE_INTERNET: readonly (readonly [host: string, name: string])[] = [
  ['docker.io', 'Docker Hub'],
  ['public.ecr.aws', 'Amazon ECR Public'],
  ['ecr-public.aws.com', 'Amazon ECR Public'],
  ['quay.io', 'Quay'],
  ['ghcr.io', 'GitHub'],
  ['registry.gitlab.com', 'GitLab'],
  ['gcr.io', 'Google'],
  ['pkg.dev', 'Google'],
  ['registry.k8s.io', 'Kubernetes'],
  ['mcr.microsoft.com', 'Microsoft'],
  ['nvcr.io', 'NVIDIA'],
  ['docker.elastic.co', 'Elastic'],
  ['registry.access.redhat.com', 'Red Hat'],
  ['registry.redhat.io', 'Red Hat'],
];

/**
 * Reads the name of an image, with `…` or `${…}` for what is known only at deployment: `[registry/]repository[:tag][@digest]`, where a
 * first part with neither dot nor colon is no registry but a namespace of Docker Hub.
 */
export function imageSource(name: string): ImageSource {
  // One that does not end is taken to the end, or it would be looked for again behind each beginning.
  const text = name.replace(/\$\{[^}]*(\}?)/g, (found, end: string) => end ? '…' : found);
  const slash = text.indexOf('/');
  const host = slash < 0 ? '' : text.slice(0, slash);
  const ecr = /\.dkr\.ecr\.([^.]+)\./.exec(host);
  if (ecr) {
    return { from: 'ecr', ...ecr[1].includes('…') ? {} : { region: ecr[1] } };
  }
  if (/\.dkr-ecr\.|\.dkr\.ecr-fips\./.test(host)) {
    // [E07] for the first; neither name is among those of the ecr.dkr endpoint that the ECR page gives
    return { from: 'unknown', why: `whether the ecr.dkr endpoint answers for ${host} is not documented` };
  }
  const repository = text.slice(slash + 1).split(/[:@]/)[0];
  if (host.includes('…') || (slash < 0 && repository.includes('…'))) {
    return { from: 'unknown', why: 'its registry is known only at deployment' };
  }
  if (!/[.:]/.test(host) && host !== 'localhost') {
    return { from: 'internet', registry: 'Docker Hub' };
  }
  const found = ON_THE_INTERNET.find(([known]) => host === known || host.endsWith(`.${known}`));
  return found ? { from: 'internet', registry: found[1] } : { from: 'unknown', why: `nothing is known of the registry ${host}` };
}
