using Akka.Actor;

namespace Orchestrator.Actors.Members;

/// <summary>A job that a member's actor looks after, on its mailbox.</summary>
internal sealed class MemberJob(JobWork work, IActorRef asker)
{
    public JobWork Work { get; set; } = work;

    /// <summary>Who ordered it last, and is told when it has begun.</summary>
    public IActorRef Asker { get; set; } = asker;

    /// <summary>Why the member did not answer when it was last asked about it; empty if it did.</summary>
    public string Trouble { get; set; } = "";

    /// <summary>Whether a step of it is under way.</summary>
    public bool IsStepping { get; set; }
}
