using Akka.Actor;
using Akka.Persistence;

namespace Orchestrator.Actors.Journals;

/// <summary>
/// Reads a history that nobody writes, and stops: connections are opened and the plugin's code is compiled before a process takes the
/// supervisor over. Owns nothing.
/// </summary>
internal sealed class JournalWarmUpActor : JournaledActor
{
    public JournalWarmUpActor() => Recover<RecoveryCompleted>(_ => Context.Stop(Self));

    public override string PersistenceId => "warm-up";

    public static Props Props() => Akka.Actor.Props.Create(() => new JournalWarmUpActor());

    /// <summary>The supervisor will say so.</summary>
    protected override void TellFailure(string what, Exception failure)
    {
    }
}
