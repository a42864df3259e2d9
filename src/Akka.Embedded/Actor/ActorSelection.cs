using System.Text.RegularExpressions;
using Akka.Event;

namespace Akka.Actor;

/// <summary>One step of a selection.</summary>
public abstract class SelectionPathElement
{
    internal SelectionPathElement()
    {
    }
}

/// <summary>The child of a name.</summary>
internal sealed class SelectChildName(string name) : SelectionPathElement
{
    public string Name { get; } = name;

    public override string ToString() => Name;
}

/// <summary>The children whose names match wildcards.</summary>
internal sealed class SelectChildPattern(string pattern) : SelectionPathElement
{
    private readonly Regex _regex = new(
        "^" + Regex.Escape(pattern).Replace("\\*", ".*", StringComparison.Ordinal).Replace("\\?", ".", StringComparison.Ordinal) + "$",
        RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);

    public bool Matches(string name) => _regex.IsMatch(name);

    public override string ToString() => pattern;
}

/// <summary>The parent.</summary>
internal sealed class SelectParent : SelectionPathElement
{
    public override string ToString() => "..";
}

/// <summary>A message on its way along a selection. Crosses the wire when the anchor is on another node.</summary>
/// <param name="Message">What the selected actors get.</param>
/// <param name="Elements">Steps from the receiver on, as texts: a name, <c>..</c>, or a pattern with <c>*</c> or <c>?</c>.</param>
internal sealed record ActorSelectionMessage(object Message, string[] Elements) : IAutoReceivedMessage, IWrappedMessage;

/// <summary>The actors at a path, looked up anew for every message.</summary>
public class ActorSelection : ICanTell
{
    private readonly string[] _elements;

    /// <param name="anchor">Where the path starts.</param>
    /// <param name="path">Names with slashes between.</param>
    public ActorSelection(IActorRef anchor, string path)
        : this(anchor, path.Split('/', StringSplitOptions.RemoveEmptyEntries))
    {
    }

    /// <param name="anchor">Where the path starts.</param>
    /// <param name="elements">Names, <c>..</c> and patterns.</param>
    public ActorSelection(IActorRef anchor, IEnumerable<string> elements)
    {
        ArgumentNullException.ThrowIfNull(anchor);
        Anchor = anchor;
        _elements = [.. elements.Where(element => element.Length > 0 && element != ".")];
        Path = [.. _elements.Select(ToElement)];
    }

    /// <summary>Where the path starts.</summary>
    public IActorRef Anchor { get; }

    /// <summary>The steps.</summary>
    public SelectionPathElement[] Path { get; }

    /// <summary>The path from the anchor, starting with a slash.</summary>
    public string PathString => "/" + string.Join('/', _elements);

    /// <summary>Sends a message to every actor of the selection.</summary>
    public void Tell(object message, IActorRef? sender = null)
    {
        if (message is null)
        {
            throw new InvalidMessageException();
        }

        sender ??= ActorCell.Current?.Self;
        Deliver(Anchor.AsInternal(), sender, new ActorSelectionMessage(message, _elements));
    }

    /// <summary>The one actor of the selection.</summary>
    /// <exception cref="ActorNotFoundException">No actor answered in time.</exception>
    public Task<IActorRef> ResolveOne(TimeSpan timeout) => ResolveOne(timeout, CancellationToken.None);

    /// <summary>The one actor of the selection.</summary>
    /// <exception cref="ActorNotFoundException">No actor answered in time.</exception>
    internal async Task<IActorRef> ResolveOne(TimeSpan timeout, CancellationToken ct)
    {
        ActorIdentity identity;
        try
        {
            identity = await this.Ask<ActorIdentity>(new Identify(null), timeout, ct).ConfigureAwait(false);
        }
        catch (Exception cause) when (cause is AskTimeoutException or TaskCanceledException)
        {
            throw new ActorNotFoundException($"No actor answered at {this} within {timeout}.", cause);
        }

        return identity.Subject ?? throw new ActorNotFoundException($"There is no actor at {this}.");
    }

    public override bool Equals(object? obj) => obj is ActorSelection other && Equals(other);

    public override int GetHashCode() => HashCode.Combine(Anchor, PathString);

    public override string ToString() => $"ActorSelection[Anchor({Anchor}), Path({PathString})]";

    /// <summary>Follows the steps as far as they lead in this process; hands the rest to the remote ref where they leave it.</summary>
    internal static void Deliver(IInternalActorRef start, IActorRef? sender, ActorSelectionMessage selection)
    {
        var actor = start;
        for (var i = 0; i < selection.Elements.Length; i++)
        {
            if (actor is not LocalActorRef local)
            {
                Pass(actor, sender, selection, i);
                return;
            }

            var element = ToElement(selection.Elements[i]);
            switch (element)
            {
                case SelectParent:
                    actor = actor.Parent;
                    break;
                case SelectChildName name:
                    actor = actor.GetChild([name.Name]);
                    break;
                case SelectChildPattern pattern:
                    DeliverToMatching(local, pattern, sender, selection, i + 1);
                    return;
            }

            if (actor.Equals(Nobody.Instance))
            {
                NotFound(local, sender, selection);
                return;
            }
        }

        actor.Tell(selection.Message, sender);
    }

    private protected bool Equals(ActorSelection other) => Anchor.Equals(other.Anchor) && PathString == other.PathString;

    private static void Pass(IInternalActorRef actor, IActorRef? sender, ActorSelectionMessage selection, int from)
    {
        if (actor.IsLocal)
        {
            var child = actor.GetChild(selection.Elements.AsSpan(from));
            if (!child.Equals(Nobody.Instance))
            {
                child.Tell(selection.Message, sender);
            }

            return;
        }

        actor.Tell(selection with { Elements = selection.Elements[from..] }, sender);
    }

    private static void DeliverToMatching(LocalActorRef parent, SelectChildPattern pattern, IActorRef? sender, ActorSelectionMessage selection, int next)
    {
        var rest = selection with { Elements = selection.Elements[next..] };
        foreach (var record in parent.Cell.ChildRecords())
        {
            if (pattern.Matches(record.Child.Path.Name))
            {
                Deliver(record.Child, sender, rest);
            }
        }
    }

    private static void NotFound(LocalActorRef last, IActorRef? sender, ActorSelectionMessage selection)
    {
        if (selection.Message is Identify identify)
        {
            sender?.Tell(new ActorIdentity(identify.MessageId, null), ActorRefs.NoSender);
            return;
        }

        var system = last.Cell.SystemImpl;
        var path = last.Path.Root / selection.Elements;
        var missing = new EmptyLocalActorRef(system, path);
        system.DeadLetters.Tell(new DeadLetter(selection.Message, sender ?? system.DeadLetters, missing), sender);
    }

    private static SelectionPathElement ToElement(string element) => element switch
    {
        ".." => new SelectParent(),
        _ when element.Contains('*') || element.Contains('?') => new SelectChildPattern(element),
        _ => new SelectChildName(element),
    };
}

/// <summary>Makes selections from paths.</summary>
internal static class ActorSelections
{
    /// <param name="system">The system.</param>
    /// <param name="lookupRoot">Where a relative path starts.</param>
    /// <param name="path">A path with address, an absolute or a relative one.</param>
    public static ActorSelection Select(ActorSystemImpl system, IActorRef lookupRoot, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (Address.TryParse(path, out var address, out var absolute))
        {
            return new ActorSelection(system.Provider.RootGuardianAt(address!), absolute!);
        }

        return path[0] == '/' ? new ActorSelection(system.ProviderImpl.RootGuardian, path) : new ActorSelection(lookupRoot, path);
    }

    public static ActorSelection Select(ActorSystemImpl system, ActorPath path) =>
        new(system.Provider.RootGuardianAt(path.Address), path.Elements);
}
