import { useEffect, useRef } from 'preact/hooks';

const KEYS: readonly (readonly [string, string])[] = [
  ['j / k', 'Next and previous flag; in a conversation, next and previous finding'],
  ['Enter, o', 'Read the chosen flag in its conversation'],
  ['c', 'Review: confirm'],
  ['f', 'Review: false positive'],
  ['u', 'Review: unsure'],
  ['n', 'Write a note for the review'],
  ['a', 'Take the flag in hand, or give it back'],
  ['/', 'Search'],
  ['Esc', 'Leave a field; go back'],
  ['?', 'This list'],
];

export const Help = ({ open, close }: { open: boolean; close: () => void }) => {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (open && dialog.current?.open === false) dialog.current.showModal();
    if (!open) dialog.current?.close();
  }, [open]);
  return (
    <dialog ref={dialog} class="help" aria-labelledby="help-title" onClose={close}>
      <h2 id="help-title">Keys</h2>
      <dl>
        {KEYS.map(([key, meaning]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit" class="button">
          Close
        </button>
      </form>
    </dialog>
  );
};
