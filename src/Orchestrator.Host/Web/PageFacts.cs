using Orchestrator.Core.Windows;
using Orchestrator.Host.Configuration;

namespace Orchestrator.Host.Web;

/// <summary>What the page shows of the configuration of the process that serves it.</summary>
internal sealed record PageFacts(IReadOnlyList<MaintenanceWindow> Windows, Lazy<IReadOnlyList<SettingInEffect>> Settings)
{
    public static PageFacts None { get; } = new([], new Lazy<IReadOnlyList<SettingInEffect>>([]));
}
