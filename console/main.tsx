import '@fontsource-variable/inter/wght.css';
import '@fontsource-variable/jetbrains-mono/wght.css';
import 'uplot/dist/uPlot.min.css';
import './style/tokens.css';
import './style/base.css';
import './style/parts.css';
import './style/shell.css';
import './style/flags.css';
import './style/conversation.css';
import './style/reports.css';
import { render } from 'preact';
import { cameFromIssuer, tokenFromIssuer } from './access/oidc.ts';
import { session } from './access/session.ts';
import { loadSettings, type Settings } from './access/settings.ts';
import { App } from './app.tsx';
import { ProblemNotice } from './parts/notices.tsx';

// The auditors' page: asks the service how people sign in, finishes a sign-in that was under way, and shows the rest.

const page = document.getElementById('page');

/** Resolves to what to say at the sign-in, if anything. */
const finishSignIn = async ({ oidc }: Settings): Promise<string | undefined> => {
  if (oidc === null || !cameFromIssuer()) return undefined;
  try {
    session.begin({ kind: 'token', secret: await tokenFromIssuer(oidc) });
    return undefined;
  } catch {
    return 'The identity provider did not sign you in. Try again, or use a key.';
  }
};

const start = async (root: HTMLElement): Promise<void> => {
  try {
    const settings = await loadSettings();
    const notice = await finishSignIn(settings);
    render(<App settings={settings} notice={notice} />, root);
  } catch {
    const problem = {
      code: 'unreachable',
      title: 'The service does not answer',
      detail: 'It may be restarting, or the network is down.',
      fields: [],
      requestId: null,
    };
    render(<ProblemNotice problem={problem} again={() => location.reload()} />, root);
  }
};

if (page !== null) void start(page);
