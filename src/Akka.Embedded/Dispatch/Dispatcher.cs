namespace Akka.Dispatch;

/// <summary>Gives mailboxes their turns on the thread pool.</summary>
/// <param name="throughput">User messages that an actor handles in one turn.</param>
internal sealed class Dispatcher(int throughput)
{
    /// <summary>
    /// A pair of actors that answer each other on one thread's own queue would keep that thread from the shared queue;
    /// after this many turns the next one goes through the shared queue.
    /// </summary>
    private const int LocalTurns = 64;

    [ThreadStatic]
    private static int _localTurns;

    public int Throughput { get; } = throughput;

    public void Execute(Mailbox mailbox, bool fairly)
    {
        var local = !fairly && ++_localTurns % LocalTurns != 0;
        ThreadPool.UnsafeQueueUserWorkItem(mailbox, local);
    }
}
