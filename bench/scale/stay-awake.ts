/**
 * Keeps this process from sleeping while it waits for an answer: how long a virtual machine takes to wake it is no
 * matter of the database's, and changes from one minute to the next.
 *
 * @returns what lets it sleep again.
 */
export function stayAwake(): () => void {
  let isOver = false
  const turn = () => {
    if (!isOver) setImmediate(turn)
  }
  turn()
  return () => {
    isOver = true
  }
}
