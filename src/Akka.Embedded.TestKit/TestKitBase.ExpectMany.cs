namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails unless the next message is one of the given ones.</summary>
    public T ExpectMsgAnyOf<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default) =>
        Wait(ExpectMsgAnyOfAsync(messages, cancellationToken));

    /// <summary>Fails unless the next message is one of the given ones.</summary>
    public ValueTask<T> ExpectMsgAnyOfAsync<T>(IEnumerable<T> messages, CancellationToken cancellationToken = default)
    {
        var expected = messages.ToList();
        return Expect<T>(
            (actual, _) => _assertions.AssertTrue(
                expected.Contains(actual), $"not expected: {actual}, expected one of [{string.Join(", ", expected)}]"),
            null,
            null,
            cancellationToken);
    }

    /// <summary>Fails unless the next messages are the given ones, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(params T[] messages) => ExpectAll(RemainingOrDefault, messages, default);

    /// <summary>Fails unless the next messages are the given ones, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, params T[] messages) => ExpectAll(Dilated(max), messages, default);

    /// <summary>Fails unless the next messages are the given ones, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ExpectAll(RemainingOrDefault, messages, cancellationToken);

    /// <summary>Fails unless the next messages are the given ones, in any order.</summary>
    public IReadOnlyCollection<T> ExpectMsgAllOf<T>(TimeSpan max, IReadOnlyCollection<T> messages, CancellationToken cancellationToken = default) =>
        ExpectAll(Dilated(max), messages, cancellationToken);

    private List<T> ExpectAll<T>(TimeSpan limit, IReadOnlyCollection<T> messages, CancellationToken token)
    {
        var stop = Now + limit;
        var missing = messages.ToList();
        var unexpected = new List<object>();
        var result = new List<T>();
        while (missing.Count > 0 && result.Count + unexpected.Count < messages.Count)
        {
            var envelope = Wait(TakeOne(Left(stop), token));
            if (envelope is null)
            {
                _assertions.Fail($"Timeout ({limit}) while expecting {messages.Count} messages; missing: [{string.Join(", ", missing)}]");
            }

            if (envelope!.Message is T message && missing.Remove(message))
            {
                result.Add(message);
            }
            else
            {
                unexpected.Add(envelope.Message);
            }
        }

        _assertions.AssertTrue(
            missing.Count == 0, $"not found [{string.Join(", ", missing)}], found unexpected [{string.Join(", ", unexpected)}]");
        return result;
    }
}
