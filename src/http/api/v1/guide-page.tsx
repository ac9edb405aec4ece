import { Layout, type Site } from '../../pages/layout.js'
import { TableHead } from '../../pages/table-head.js'
import type { Guide, OperationShown, SchemaShown, Section } from './guide.js'
import type { FieldShown, TypeShown } from './guide-types.js'
import { problemKinds } from './problem.js'

interface GuidePageProps {
  readonly site: Site
  readonly guide: Guide
  /** Of the addresses in examples, without a trailing slash. */
  readonly origin: string
}

export function GuidePage({ site, guide, origin }: GuidePageProps) {
  const { version, paragraphs, sections, schemas } = guide
  return (
    <Layout site={site} title="API – trackerwatch" place="/api/v1/">
      <h1>API</h1>
      <p class="muted">
        Version {version}, as <a href="/api/v1/openapi.json">OpenAPI 3.1</a> for programs and generators
      </p>
      <div class="guide">
        <Contents sections={sections} />
        <div>
          {paragraphs.map((paragraph) => (
            <p>{paragraph}</p>
          ))}
          {sections.map(({ name, meaning, operations }) => (
            <section>
              <h2>{name}</h2>
              <p class="muted">{meaning}</p>
              {operations.map((operation) => (
                <Operation operation={operation} origin={origin} />
              ))}
            </section>
          ))}
          <Problems />
          <h2 id="schemas">Schemas</h2>
          {schemas.map((schema) => (
            <SchemaCard schema={schema} />
          ))}
        </div>
      </div>
    </Layout>
  )
}

function Contents({ sections }: { sections: readonly Section[] }) {
  return (
    <nav class="contents" aria-label="Contents">
      {sections.map(({ name, operations }) => (
        <>
          <div class="muted">{name}</div>
          <ul>
            {operations.map(({ id, path }) => (
              <li>
                <a href={`#${id}`}>{path.replace('/api/v1', '')}</a>
              </li>
            ))}
          </ul>
        </>
      ))}
      <div class="muted">More</div>
      <ul>
        <li>
          <a href="#problems">Problems</a>
        </li>
        <li>
          <a href="#schemas">Schemas</a>
        </li>
      </ul>
    </nav>
  )
}

function Operation({ operation, origin }: { operation: OperationShown; origin: string }) {
  const { id, method, path, summary, paragraphs, parameters, answers, example } = operation
  return (
    <article class="card operation" id={id}>
      <h3>
        <span class="method">{method}</span> <code>{path}</code>
      </h3>
      <p>
        <b>{summary}.</b> {paragraphs[0]}
      </p>
      {paragraphs.slice(1).map((paragraph) => (
        <p>{paragraph}</p>
      ))}
      {parameters.length > 0 && (
        <table>
          <TableHead titles={['Parameter', 'Type', 'Meaning']} numbers={[]} />
          <tbody>
            {parameters.map((parameter) => (
              <FieldRow field={parameter} note={parameter.place === 'path' ? 'in the path' : null} />
            ))}
          </tbody>
        </table>
      )}
      <table>
        <TableHead titles={['Answer', 'Content', 'Meaning']} numbers={[]} />
        <tbody>
          {answers.map(({ status, meaning, contents }) => (
            <tr>
              <th scope="row">
                <code>{status}</code>
              </th>
              <td>
                {contents.map(({ mediaType, type }) => (
                  <div>
                    {mediaType === 'application/json' || mediaType === 'application/problem+json' ? (
                      <TypeText type={type} />
                    ) : (
                      <code>{mediaType}</code>
                    )}
                  </div>
                ))}
              </td>
              <td>{meaning}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <pre tabindex={0}>
        <code>curl '{`${origin}${example}`}'</code>
      </pre>
    </article>
  )
}

function Problems() {
  return (
    <section id="problems">
      <h2>Problems</h2>
      <p class="muted">
        What the <code>type</code> of a problem says; its form is <a href="#schema-Problem">Problem</a>.
      </p>
      <div class="card">
        <table>
          <tbody>
            {problemKinds.map(({ name, status, title }) => (
              <tr id={name}>
                <th scope="row">
                  <code>/api/v1/#{name}</code>
                </th>
                <td class="num">{status}</td>
                <td>{title}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function SchemaCard({ schema: { name, meaning, words, fields } }: { schema: SchemaShown }) {
  return (
    <article class="card operation" id={`schema-${name}`}>
      <h3>{name}</h3>
      <p>{meaning}</p>
      {words.length > 0 && (
        <p class="words">
          {words.map((word) => (
            <>
              <code>{word}</code>{' '}
            </>
          ))}
        </p>
      )}
      {fields.length > 0 && (
        <table>
          <TableHead titles={['Field', 'Type', 'Meaning']} numbers={[]} />
          <tbody>
            {fields.map((field) => (
              <FieldRow field={field} note={null} />
            ))}
          </tbody>
        </table>
      )}
    </article>
  )
}

function FieldRow({ field: { name, type, meaning }, note }: { field: FieldShown; note: string | null }) {
  return (
    <tr>
      <th scope="row">
        <code>{name}</code>
        {note !== null && <div class="why muted">{note}</div>}
      </th>
      <td>
        <TypeText type={type} />
      </td>
      <td>{meaning}</td>
    </tr>
  )
}

function TypeText({ type: { before, schema, after } }: { type: TypeShown }) {
  return (
    <>
      {before}
      {schema !== null && <a href={`#schema-${schema}`}>{schema}</a>}
      {after}
    </>
  )
}
