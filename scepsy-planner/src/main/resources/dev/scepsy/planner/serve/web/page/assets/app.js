// @ts-check
import {html, render, nothing} from './lib/lit-html/lit-html.js';
import {createApi, Problem} from './api.js';
import {createDialog} from './dialog.js';
import {createSession} from './session.js';
import {openEvents} from './events.js';
import {parseHash} from './router.js';
import {restyleCharts} from './chart.js';
import {createReading} from './reading.js';
import {learn} from './colors.js';
import {loading, name, problem} from './ui.js';
import * as overview from './views/overview.js';
import * as executions from './views/executions.js';
import * as cluster from './views/cluster.js';
import * as proposals from './views/proposals.js';
import * as whatif from './views/whatif.js';
import * as history from './views/history.js';

// all of them from the start: a module that could not be fetched while the service was away would be missing for good
const VIEWS = [
  {key: 'overview', label: 'Overview', module: overview},
  {key: 'executions', label: 'Executions', module: executions},
  {key: 'cluster', label: 'Cluster', module: cluster},
  {key: 'proposals', label: 'Proposals', module: proposals},
  {key: 'whatif', label: 'What if', module: whatif},
  {key: 'history', label: 'History', module: history},
];
const BEGIN_AGAIN_MILLIS = 5_000;
const THEMES = ['auto', 'light', 'dark'];

/** @param {string} id */
const byId = id => /** @type {HTMLElement} */ (document.getElementById(id));
const main = byId('main');

/** The page's own state; views have theirs. */
const state = {
  /** @type {{name: string, role: string, readOnly?: boolean} | null} */
  session: null,
  /** @type {'connecting' | 'live' | 'polling' | 'lost'} */
  connection: 'connecting',
  theme: themeOf(localStorageOrNull()?.getItem('scepsy-theme')),
  route: parseHash(location.hash),
  /** @type {unknown} */
  failure: null,
};

/**
 * `heading`: where it is not the view's title; `moved`: takes another address of the same view, else the view is opened anew.
 *
 * @type {{render(): unknown, changed(event: any): void, close(): void, heading?(): unknown, moved?(params: any): void} | null}
 */
let view = null;
/** @type {any} */
let viewModule = null;
let drawing = false;

const api = createApi({
  expired: () => session.ask(state.session !== null),
  lost: () => {
    state.connection = 'lost';
    announce('The connection to the service is lost.');
    redraw();
  },
  back: () => {
    state.connection = 'connecting';
    announce('The connection to the service is back.');
    if (state.session === null) {
      begin();
    } else {
      events?.connect();
      models.refresh();
      tell({type: 'gap'});
    }
    redraw();
  },
});
const dialog = createDialog(/** @type {HTMLDialogElement} */ (byId('dialog')), announce);
const session = createSession(api, /** @type {HTMLDialogElement} */ (byId('sign-in')), changed => {
  state.session = changed;
  if (changed && !events) {
    start();
  } else if (changed) {
    events.connect();
    models.refresh();
    tell({type: 'gap'});
  }
  redraw();
});

const context = {
  api,
  get session() {
    return state.session;
  },
  /** What `api/v1/models` answers; shared, because the colours of all views come from it. */
  get models() {
    return models;
  },
  redraw,
  /** @param {string} hash */
  go(hash) {
    location.hash = hash;
  },
  announce,
  /** @param {any} spec as in dialog.js */
  dialog(spec) {
    dialog.open(spec);
  },
};

const models = createReading(context, 'api/v1/models', answer => {
  learn(answer.models.map(each => each.model));
  return answer;
});
/** What happens in the service; null before it is known who looks. @type {ReturnType<typeof openEvents> | null} */
let events = null;

/** Asks who this is, until the service says so: one that stands by says why it does not. */
function begin() {
  session.begin().catch(failure => {
    broken(failure);
    setTimeout(begin, BEGIN_AGAIN_MILLIS);
  });
}

/** Nothing is asked for before it is known who looks: all of it would be refused. */
function start() {
  models.now();
  events = openEvents(api, tell, {
    state(connection) {
      if (state.connection !== connection) {
        state.connection = connection;
        redraw();
      }
    },
    expired: () => session.ask(true),
  });
  openRoute();
}

/** @param {any} event */
function tell(event) {
  if (!session.isAsked()) {
    view?.changed(event);
  }
}

/** Draws in the next frame, however often it is asked to. */
function redraw() {
  if (!drawing) {
    drawing = true;
    requestAnimationFrame(() => {
      drawing = false;
      draw();
    });
  }
}

function draw() {
  render(header(), byId('header'));
  render(notice(), byId('notice'));
  render(content(), main);
  dialog.redraw();
}

function content() {
  if (state.failure) {
    return problem(state.failure);
  }
  if (!view) {
    return nothing;
  }
  // colours go by the models' name order: nothing coloured is drawn before the models are known
  const coloured = models.data !== undefined || models.failure;
  return html`<h1 tabindex="-1">${heading()}</h1>${coloured ? view.render() : loading('models')}`;
}

function heading() {
  return view?.heading?.() ?? viewModule?.title;
}

function header() {
  return html`
    <a class="brand" href="#/overview">Scepsy</a>
    <nav aria-label="Views"><ul>${VIEWS.map(each => html`<li><a href="#/${each.key}"
        aria-current=${state.route.view === each.key ? 'page' : nothing}>${each.label}</a></li>`)}</ul></nav>
    <div class="header-end">
      ${connection()}
      ${state.session && !state.session.readOnly
        ? html`<span class="who">${name(state.session.name)} <small>${state.session.role}</small></span>`
        : nothing}
      ${state.session && state.session.name !== 'local' && !state.session.readOnly
        ? html`<button type="button" class="quiet" @click=${() => session.end().catch(broken)}>Sign out</button>`
        : nothing}
      <label class="theme"><span class="unseen">Theme</span>
        <select @change=${chooseTheme}>${THEMES.map(each => html`<option value=${each} ?selected=${state.theme === each}>${each}</option>`)}</select></label>
    </div>`;
}

function connection() {
  const said = {
    connecting: ['connecting', 'Waiting for the service.'],
    live: ['live', 'Changes are shown as they happen.'],
    polling: [state.session?.readOnly ? 'files, read-only' : 'every 5 s', 'Read again every 5 s.'],
    lost: ['lost', 'The service cannot be reached.'],
  }[state.connection];
  return html`<span class="connection ${state.connection}" title=${said[1]}>${said[0]}</span>`;
}

function notice() {
  return state.connection === 'lost'
    ? html`<p class="lost">The connection to the service is lost. What is shown was read before; it is tried again.</p>`
    : nothing;
}

function openRoute() {
  const before = state.route;
  state.route = parseHash(location.hash);
  state.failure = null;
  const module = VIEWS.find(each => each.key === state.route.view)?.module;
  const params = {id: state.route.id, query: state.route.query};
  if (module && view?.moved && viewModule === module) {
    view.moved(params);
    redraw();
    return;
  }
  const first = viewModule === null;
  view?.close();
  view = null;
  viewModule = module ?? {title: 'Not found'};
  render(nothing, main); // a view's template is never filled with another one's values
  if (module) {
    view = module.open(context, params);
  } else {
    state.failure = new Problem(404, {title: 'Not Found', detail: 'The page has no such view.'});
  }
  document.title = `${viewModule.title} – Scepsy`;
  draw();
  if (!first && (before.view !== state.route.view || before.id !== state.route.id)) {
    scrollTo(0, 0);
    /** @type {HTMLElement | null} */ (main.querySelector('h1') ?? main).focus();
  }
}

/** @param {string} text for those who listen to the page */
function announce(text) {
  const announcer = byId('announcer');
  announcer.textContent = '';
  // an equal text twice is said twice only if it was gone between
  setTimeout(() => {
    announcer.textContent = text;
  }, 50);
}

/** @param {unknown} failure */
function broken(failure) {
  state.failure = failure;
  redraw();
}

/** @param {Event} event */
function chooseTheme(event) {
  state.theme = themeOf(/** @type {HTMLSelectElement} */ (event.target).value);
  if (state.theme === 'auto') {
    delete document.documentElement.dataset.theme;
    localStorageOrNull()?.removeItem('scepsy-theme');
  } else {
    document.documentElement.dataset.theme = state.theme;
    localStorageOrNull()?.setItem('scepsy-theme', state.theme);
  }
  restyleCharts();
  redraw();
}

/** @param {string | null | undefined} chosen */
function themeOf(chosen) {
  return chosen === 'light' || chosen === 'dark' ? chosen : 'auto';
}

function localStorageOrNull() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

byId('skip').addEventListener('click', event => {
  event.preventDefault(); // the address says which view it is
  main.focus();
});
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', restyleCharts);
addEventListener('hashchange', () => {
  if (events) {
    openRoute();
  }
});
draw();
begin();
