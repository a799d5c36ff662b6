// A shop page of InstantSearch widgets. What a shop that used them before has to change is `hosts` and the key.
import insightsClient from './node_modules/search-insights/index-browser.mjs';

const asked = new URLSearchParams(location.search);
const service = new URL(asked.get('service') ?? 'http://127.0.0.1:8000');
const key = asked.get('key') ?? 'a key made with: cordsearch keys create';
const host = { url: service.host, protocol: service.protocol.slice(0, -1), accept: 'readWrite' };

const { liteClient } = window['algoliasearch/lite'];
const searchClient = liteClient('shop', key, { hosts: [host] });
insightsClient('init', { appId: 'shop', apiKey: key, host: service.origin, useCookie: false });

const {
  configure, currentRefinements, hits, index, pagination, rangeInput, refinementList, searchBox, sortBy,
  stats, toggleRefinement,
} = instantsearch.widgets;

const search = instantsearch({
  searchClient,
  indexName: 'products_uk',
  insights: { insightsClient, insightsInitParams: { userToken: 'anonymous-example' } },
  future: { preserveSharedStateOnUnmount: true },
});

const labels = { available: 'В наявності', car_brand: 'Марка', category: 'Категорія', price: 'Ціна' };

const hit = (item, { html, components, sendEvent }) => html`
  <article>
    <h3 onclick=${() => sendEvent('click', item, 'Product opened')}>
      ${components.Highlight({ hit: item, attribute: 'name' })}
    </h3>
    <p class="code">${components.Highlight({ hit: item, attribute: 'vendor_code' })}</p>
    <p class=${item.available ? 'in-stock' : 'no-stock'}>${item.available ? 'В наявності' : 'Немає в наявності'}</p>
    <p class="price">${item.price === null ? '' : `${item.price.toFixed(2)} €`}</p>
  </article>`;

const suggestion = (item, { html, components }) => html`
  <button type="button" onclick=${() => search.setUiState((state) => ({
    ...state, products_uk: { ...state.products_uk, query: item.query, page: 1 },
  }))}>${components.Highlight({ hit: item, attribute: 'query' })}</button>`;

search.addWidgets([
  configure({ hitsPerPage: 12 }),
  searchBox({ container: '#box', placeholder: 'Назва, номер або розмір', autofocus: true }),
  stats({ container: '#stats' }),
  sortBy({
    container: '#sort',
    items: [
      { label: 'Найкращі', value: 'products_uk' },
      { label: 'Дешевші', value: 'products_uk_price_asc' },
      { label: 'Дорожчі', value: 'products_uk_price_desc' },
    ],
  }),
  toggleRefinement({ container: '#available', attribute: 'available', templates: { labelText: 'Лише в наявності' } }),
  refinementList({ container: '#car-brand', attribute: 'car_brand', searchable: true, searchablePlaceholder: 'Марка' }),
  refinementList({ container: '#category', attribute: 'category' }),
  rangeInput({ container: '#price', attribute: 'price' }),
  currentRefinements({
    container: '#refinements',
    transformItems: (items) => items.map((item) => ({ ...item, label: labels[item.attribute] })),
  }),
  hits({ container: '#hits', templates: { item: hit, empty: 'Нічого не знайдено' } }),
  pagination({ container: '#pages', padding: 2 }),
  index({ indexName: 'products_uk_query_suggestions' }).addWidgets([
    configure({ hitsPerPage: 6 }),
    hits({ container: '#suggestions', templates: { item: suggestion, empty: '' } }),
  ]),
]);

search.on('error', ({ error }) => {
  const problem = document.querySelector('#problem');
  problem.textContent = error.message;
  problem.hidden = false;
});
search.on('render', () => {
  if (search.status === 'idle') document.querySelector('#problem').hidden = true;
});
search.start();
window.shop = { search, searchClient }; // for the console
