using System.Collections;

namespace Orchestrator.Core.Tests.Support;

/// <summary>Counts how many of its items were read, so that a test sees the cost of an algorithm without a clock.</summary>
internal sealed class CountedList<T>(IReadOnlyList<T> items) : IReadOnlyList<T>
{
    public int Read { get; private set; }

    public int Count => items.Count;

    public T this[int index]
    {
        get
        {
            Read++;
            return items[index];
        }
    }

    public IEnumerator<T> GetEnumerator() => Enumerable.Range(0, Count).Select(index => this[index]).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
