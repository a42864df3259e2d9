using Akka.Actor;

namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    /// <summary>Fails if a message comes within the default time.</summary>
    public void ExpectNoMsg(CancellationToken cancellationToken = default) => WaitFor(ExpectNoMsgAsync(cancellationToken));

    /// <summary>Fails if a message comes within the time.</summary>
    public void ExpectNoMsg(TimeSpan duration, CancellationToken cancellationToken = default) => WaitFor(ExpectNoMsgAsync(duration, cancellationToken));

    /// <summary>Fails if a message comes within the time.</summary>
    public void ExpectNoMsg(int milliseconds, CancellationToken cancellationToken = default) => WaitFor(ExpectNoMsgAsync(milliseconds, cancellationToken));

    /// <summary>Fails if a message comes within the default time.</summary>
    public ValueTask ExpectNoMsgAsync(CancellationToken cancellationToken = default) => ExpectNone(RemainingOrDefault, cancellationToken);

    /// <summary>Fails if a message comes within the time.</summary>
    public ValueTask ExpectNoMsgAsync(TimeSpan duration, CancellationToken cancellationToken = default) => ExpectNone(Dilated(duration), cancellationToken);

    /// <summary>Fails if a message comes within the time.</summary>
    public ValueTask ExpectNoMsgAsync(int milliseconds, CancellationToken cancellationToken = default) =>
        ExpectNoMsgAsync(TimeSpan.FromMilliseconds(milliseconds), cancellationToken);

    /// <summary>Fails unless the next message says that the watched actor has stopped.</summary>
    public Terminated ExpectTerminated(
        IActorRef target, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Wait(ExpectTerminatedAsync(target, timeout, hint, cancellationToken));

    /// <summary>Fails unless the next message says that the watched actor has stopped.</summary>
    public ValueTask<Terminated> ExpectTerminatedAsync(
        IActorRef target, TimeSpan? timeout = null, string? hint = null, CancellationToken cancellationToken = default) =>
        Expect<Terminated>(
            (terminated, _) => _assertions.AssertEqual(target, terminated.ActorRef, WithHint(hint, "Another actor terminated")), timeout, hint, cancellationToken);

    private static void WaitFor(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    private async ValueTask ExpectNone(TimeSpan duration, CancellationToken token)
    {
        var envelope = await TakeOne(duration, token).ConfigureAwait(false);
        if (envelope is not null)
        {
            _assertions.Fail($"Failed: Expected no messages during {duration}, instead we received {envelope}");
        }
    }
}
