using Akka.Actor;

namespace Akka.Persistence;

/// <summary>
/// The stash that a persistent actor sees. What it gives back goes before the commands that are held back for a write, which
/// are younger, and is then handled one by one with them.
/// </summary>
internal sealed class PersistentStash(IStash stashed, IStash heldBack) : IStash
{
    public int Count => stashed.Count;

    public bool IsEmpty => stashed.IsEmpty;

    public bool NonEmpty => stashed.NonEmpty;

    public bool IsFull => stashed.IsFull;

    public int Capacity => stashed.Capacity;

    public void Stash() => stashed.Stash();

    public void Unstash()
    {
        var all = stashed.ClearStash().ToList();
        stashed.Prepend(all.Skip(1));
        heldBack.Prepend(all.Take(1));
    }

    public void UnstashAll() => UnstashAll(_ => true);

    public void UnstashAll(Func<Envelope, bool> predicate) => heldBack.Prepend(stashed.ClearStash().Where(predicate).ToList());

    public IEnumerable<Envelope> ClearStash() => stashed.ClearStash();

    public void Prepend(IEnumerable<Envelope> envelopes) => stashed.Prepend(envelopes);
}
