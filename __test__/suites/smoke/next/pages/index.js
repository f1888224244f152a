export default function Page({ path }) {
  return `page ${path}`
}

export function getServerSideProps({ req }) {
  return { props: { path: req.url } }
}
