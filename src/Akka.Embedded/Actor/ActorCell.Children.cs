using System.Globalization;
using Akka.Dispatch;

namespace Akka.Actor;

/// <summary>A child and what its supervisor remembers of it.</summary>
internal sealed class ChildRecord(IInternalActorRef child)
{
    public IInternalActorRef Child { get; } = child;

    /// <summary>The parent has told the child to stop and waits for it before it restarts or stops itself.</summary>
    public bool IsStopping { get; set; }

    /// <summary>Restarts in the present window, for the strategy.</summary>
    public int Restarts { get; set; }

    /// <summary>Start of the window on the scheduler's monotonic clock; null before the first restart.</summary>
    public TimeSpan? WindowStart { get; set; }
}

internal sealed partial class ActorCell
{
    private const string Base64 = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+~";

    /// <summary>Guarded by <see cref="ChildrenLock"/>: guardians get children from any thread, lookups come from any thread.</summary>
    private Dictionary<string, ChildRecord>? _children;
    private long _generatedNames;

    /// <summary>Asked at the end of each child: counted, so that a parent of many ends in linear time.</summary>
    private int _stoppingChildren;
    private bool _acceptsChildren = true;

    private object ChildrenLock => Mailbox;

    public IActorRef ActorOf(Props props, string? name = null)
    {
        ArgumentNullException.ThrowIfNull(props);
        if (name is not null && !ActorPath.IsValidPathElement(name))
        {
            throw new InvalidActorNameException(
                $"Illegal actor name [{name}]. Actor names must not be empty, must not start with '$' and may only hold letters, digits, " +
                $"%XX and [{ActorPath.ValidSymbols}].");
        }

        return StartChild(props, name, SystemImpl.NextUid());
    }

    /// <summary>Starts <c>/user</c> or <c>/system</c>.</summary>
    public LocalActorRef StartGuardian(Props props, string name) => StartChild(props, name, 0);

    public IActorRef Child(string name) => FindChild(name);

    /// <summary>The running child of that name, or Nobody. From any thread.</summary>
    public IInternalActorRef FindChild(string name)
    {
        lock (ChildrenLock)
        {
            return _children is not null && _children.TryGetValue(name, out var record) ? record.Child : Nobody.Instance;
        }
    }

    public IEnumerable<IActorRef> GetChildren() => ChildRecords().Select(IActorRef (record) => record.Child).ToArray();

    /// <summary>All children as they are now. From any thread.</summary>
    public ChildRecord[] ChildRecords()
    {
        lock (ChildrenLock)
        {
            return _children is { Count: > 0 } ? [.. _children.Values] : [];
        }
    }

    public void Stop(IActorRef child)
    {
        var target = child.AsInternal();
        lock (ChildrenLock)
        {
            if (RecordOf(target) is { IsStopping: false } record)
            {
                record.IsStopping = true;
                _stoppingChildren++;
            }
        }

        target.Stop();
    }

    /// <summary>A name that no child had before: <c>$a</c>, <c>$b</c>, ...</summary>
    public string GenerateName()
    {
        Span<char> digits = stackalloc char[16];
        var length = 0;
        var number = Interlocked.Increment(ref _generatedNames) - 1;
        do
        {
            digits[length++] = Base64[(int)(number & 63)];
            number >>= 6;
        }
        while (number > 0);
        return string.Concat("$", digits[..length]);
    }

    private LocalActorRef StartChild(Props props, string? name, long uid)
    {
        LocalActorRef child;
        lock (ChildrenLock)
        {
            if (!_acceptsChildren)
            {
                throw new InvalidOperationException(string.Create(
                    CultureInfo.InvariantCulture, $"Cannot create child while terminating or terminated: {Path}"));
            }

            name ??= GenerateName();
            _children ??= [];
            if (_children.ContainsKey(name))
            {
                throw new InvalidActorNameException($"Actor name \"{name}\" is not unique! ({Path})");
            }

            child = new LocalActorRef(SystemImpl, props, SystemImpl.DefaultDispatcher, Ref, new ChildActorPath(Path, name, uid));
            _children.Add(name, new ChildRecord(child));
        }

        child.SendSystemMessageInternal(Create.Instance);
        return child;
    }

    private ChildRecord? RecordOf(IInternalActorRef child)
    {
        lock (ChildrenLock)
        {
            return _children is not null && _children.TryGetValue(child.Path.Name, out var record) && record.Child.Equals(child)
                ? record
                : null;
        }
    }

    private ChildRecord? RemoveChild(IInternalActorRef child)
    {
        lock (ChildrenLock)
        {
            if (RecordOf(child) is not { } record)
            {
                return null;
            }

            _children!.Remove(child.Path.Name);
            _stoppingChildren -= record.IsStopping ? 1 : 0;
            return record;
        }
    }

    private bool HasStoppingChildren()
    {
        lock (ChildrenLock)
        {
            return _stoppingChildren > 0;
        }
    }

    /// <summary>Asked at the end of each child, so it copies nothing.</summary>
    private bool HasChildren()
    {
        lock (ChildrenLock)
        {
            return _children is { Count: > 0 };
        }
    }

    private void StopAllChildren()
    {
        foreach (var record in ChildRecords())
        {
            Stop(record.Child);
        }
    }

    private void SuspendChildren(IInternalActorRef? except)
    {
        foreach (var record in ChildRecords())
        {
            if (!record.Child.Equals(except))
            {
                record.Child.SendSystemMessage(Dispatch.Suspend.Instance);
            }
        }
    }

    private void ResumeChildren(Exception? cause, IInternalActorRef? perpetrator)
    {
        foreach (var record in ChildRecords())
        {
            record.Child.SendSystemMessage(new Resume(record.Child.Equals(perpetrator) ? cause : null));
        }
    }
}
