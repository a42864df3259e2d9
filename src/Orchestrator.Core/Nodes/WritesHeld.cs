namespace Orchestrator.Core.Nodes;

/// <summary>A member kept writes waiting, or a primary took none. Published on the event stream of its process.</summary>
/// <param name="Reason">One of the reasons below.</param>
public sealed record WritesHeld(string Cluster, string Reason, TimeSpan Duration)
{
    /// <summary>The swap of a unit's files, or a slice of the work in them.</summary>
    public const string ByCompaction = "compaction";

    /// <summary>A planned step-down, until writes were accepted again or another member was primary.</summary>
    public const string ByStepDown = "step-down";

    /// <summary>The primary was replaced without having been told to stop writes first.</summary>
    public const string ByAppointment = "appointment";
}

/// <summary>Finds out from a member's states how long it takes no writes although it was primary.</summary>
public sealed class WritePauses(string cluster)
{
    private string _reason = "";
    private DateTimeOffset _since;

    /// <returns>The pause that ends with this change of state; null if none does.</returns>
    public WritesHeld? Note(MemberState before, MemberState after, DateTimeOffset now)
    {
        if (before is LeadingMember && after is not (LeadingMember or FollowingMember))
        {
            (_reason, _since) = (after is HaltedMember ? WritesHeld.ByStepDown : WritesHeld.ByAppointment, now);
            return null;
        }

        if (_reason.Length == 0 || after is not (LeadingMember or FollowingMember))
        {
            return null;
        }

        var held = new WritesHeld(cluster, _reason, now - _since);
        _reason = "";
        return held;
    }
}
