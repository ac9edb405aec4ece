export function TableHead({ titles, numbers }: { titles: readonly string[]; numbers: readonly string[] }) {
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
      </tr>
    </thead>
  )
}
