using Akka.Actor;
using Akka.Persistence;

namespace Akka.Embedded.Tests.Persistence.Actors;

/// <summary>What the tests persist and take snapshots of.</summary>
internal sealed record Note(string Text);

/// <summary>A command that runs a piece of the test inside the actor.</summary>
internal sealed record Do(Action<ScriptedActor> Action);

/// <summary>A command that runs an asynchronous piece of the test inside the actor.</summary>
internal sealed record DoAsync(Func<ScriptedActor, Task> Action);

/// <summary>How the actor differs from the default.</summary>
internal sealed record Script(string Id)
{
    public Recovery Recovery { get; init; } = Recovery.Default;

    public string JournalPluginId { get; init; } = "";

    public Action<ScriptedActor, object> OnRecover { get; init; } = (_, _) => { };
}

/// <summary>
/// Tells its probe what it recovers and any command it has no other use for, as text: <c>+a</c> for a replayed event,
/// <c>snapshot a@3</c>, <c>recovered</c>, and the hooks by name.
/// </summary>
internal sealed class ScriptedActor : ReceivePersistentActor
{
    private readonly Script _script;

    public ScriptedActor(Script script, IActorRef probe)
    {
        _script = script;
        Probe = probe;
        JournalPluginId = script.JournalPluginId;
        Recover<SnapshotOffer>(offer => Recovered($"snapshot {((Note)offer.Snapshot).Text}@{offer.Metadata.SequenceNr}", offer));
        Recover<RecoveryCompleted>(completed => Recovered("recovered", completed));
        Recover<Note>(note => Recovered($"+{note.Text}", note));
        Command<Do>(command => command.Action(this));
        CommandAsync<DoAsync>(command => command.Action(this));
        CommandAny(message => Tell(message));
    }

    public IActorRef Probe { get; }

    public override string PersistenceId => _script.Id;

    public override Recovery Recovery => _script.Recovery;

    public IActorRef CommandSender => Sender;

    public void Tell(object message) => Probe.Tell(message, Self);

    public void Save(string text) => Persist(new Note(text), note => Tell(note.Text));

    public void SaveAsync(string text) => PersistAsync(new Note(text), note => Tell(note.Text));

    public void Defer(string text) => DeferAsync(new Note(text), note => Tell(note.Text));

    public void SaveAll(params string[] texts) => PersistAll(texts.Select(text => new Note(text)), note => Tell(note.Text));

    public void BecomeShouting() => BecomeStacked(() =>
    {
        Command<string>(text => Tell(text.ToUpperInvariant()));
        Command<Do>(command => command.Action(this));
    });

    public void UnbecomeShouting() => UnbecomeStacked();

    public void BecomeStashing() => BecomeStacked(() =>
    {
        Command<Do>(command => command.Action(this));
        CommandAny(_ => Stash.Stash());
    });

    public void UnbecomeStashing()
    {
        UnbecomeStacked();
        Stash.UnstashAll();
    }

    protected override void PreRestart(Exception reason, object? message)
    {
        Tell($"restart: {reason.Message}");
        base.PreRestart(reason, message);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Tell($"failed {((Note)@event).Text}@{sequenceNr}: {cause.Message}");

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Tell($"rejected {((Note)@event).Text}@{sequenceNr}: {cause.Message}");

    protected override void OnRecoveryFailure(Exception reason, object? message = null) =>
        Tell($"recovery failed on {(message as Note)?.Text ?? "the store"}: {reason.Message}");

    private void Recovered(string text, object message)
    {
        Tell(text);
        _script.OnRecover(this, message);
    }
}
