namespace Orchestrator.Core.Topology;

/// <summary>The role of a node as a member of its replica set.</summary>
public enum MemberRole
{
    Primary,
    Secondary,
    Arbiter,
    Learner,
}
