namespace Akka.Actor;

internal sealed partial class ActorCell
{
    private Receive? _behavior;
    private Stack<Receive>? _behaviorsBelow;
    private bool _behaviorIsInitial;

    public void Become(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behavior = receive;
        _behaviorIsInitial = false;
    }

    public void BecomeStacked(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behaviorsBelow ??= new Stack<Receive>();
        _behaviorsBelow.Push(_behavior!);
        _behavior = receive;
        _behaviorIsInitial = false;
    }

    /// <summary>Goes back one behaviour; the lowest stays.</summary>
    public void UnbecomeStacked()
    {
        if (_behaviorsBelow is { Count: > 0 })
        {
            _behavior = _behaviorsBelow.Pop();
        }
    }

    public void Become(UntypedReceive receive) => Become(ToReceive(receive));

    public void BecomeStacked(UntypedReceive receive) => BecomeStacked(ToReceive(receive));

    private static Receive ToReceive(UntypedReceive receive) => message =>
    {
        receive(message);
        return true;
    };

    private void ReceiveMessage(object message) => _actor!.InvokeReceive(_behavior!, message);

    /// <summary>Sets a faster form of the instance's first behaviour, unless its constructor has called Become.</summary>
    public void ReplaceInitialBehavior(Receive receive)
    {
        if (_behaviorIsInitial)
        {
            _behavior = receive;
        }
    }

    private void ResetBehavior(ActorBase actor)
    {
        _behaviorsBelow = null;
        _behavior = actor.InvokeInitialReceive;
        _behaviorIsInitial = true;
    }
}
