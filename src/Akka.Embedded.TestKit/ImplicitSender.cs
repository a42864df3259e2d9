using Akka.Actor;

namespace Akka.TestKit;

/// <summary>
/// Makes the test actor the sender of what a test tells: on the test's thread, and, as a synchronization context, on the threads its awaits go on with.
/// </summary>
internal sealed class ImplicitSender : SynchronizationContext
{
    private readonly ActorCell _cell;
    private readonly SynchronizationContext? _before;

    private ImplicitSender(ActorCell cell, SynchronizationContext? before)
    {
        _cell = cell;
        _before = before;
    }

    public static ImplicitSender Install(ActorCell cell)
    {
        var context = new ImplicitSender(cell, Current);
        ActorCell.Current = cell;
        SetSynchronizationContext(context);
        return context;
    }

    public void Uninstall()
    {
        if (ActorCell.Current == _cell)
        {
            ActorCell.Current = null;
        }

        if (Current == this)
        {
            SetSynchronizationContext(_before is ImplicitSender ? null : _before);
        }
    }

    public override SynchronizationContext CreateCopy() => this;

    public override void Post(SendOrPostCallback d, object? state) => ThreadPool.QueueUserWorkItem(_ => Run(d, state), null);

    public override void Send(SendOrPostCallback d, object? state) => Run(d, state);

    private void Run(SendOrPostCallback callback, object? state)
    {
        var context = Current;
        var cell = ActorCell.Current;
        SetSynchronizationContext(this);
        ActorCell.Current = _cell;
        try
        {
            callback(state);
        }
        finally
        {
            ActorCell.Current = cell;
            SetSynchronizationContext(context);
        }
    }
}
