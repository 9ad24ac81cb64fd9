import { momentOf, shortMoment } from '../format.ts';

export const Moment = ({ at, short = false }: { at: string; short?: boolean }) => (
  <time dateTime={at} title={at}>
    {short ? shortMoment(at, new Date()) : momentOf(at)}
  </time>
);
