interface TableHeadProps {
  readonly titles: readonly string[]
  readonly numbers: readonly string[]
  /** Columns behind the numbers. */
  readonly last?: readonly string[]
}

export function TableHead({ titles, numbers, last = [] }: TableHeadProps) {
  return (
    <thead>
      <tr>
        {titles.map((title) => (
          <th scope="col">{title}</th>
        ))}
        {numbers.map((title) => (
          <th scope="col" class="num">
            {title}
          </th>
        ))}
        {last.map((title) => (
          <th scope="col">{title}</th>
        ))}
      </tr>
    </thead>
  )
}
