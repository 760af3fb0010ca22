/** What a person at a terminal wants to know first. */
export function bannerOf(url: string, database: string): string {
  return `
  Navette is ready to take tasks.

    API       ${url}
    Docs      ${url}/docs
    Board     ${url}/board
    Database  ${database}

  Try it: curl -X POST ${url}/submit-task -H 'content-type: application/json' \\
            -H 'prefer: wait=5' -d '{"type":"demo.echo","payload":{"hello":"world"}}'

`;
}
