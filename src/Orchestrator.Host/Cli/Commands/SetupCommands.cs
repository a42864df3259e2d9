using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text.Json.Serialization;
using Orchestrator.Core;
using Orchestrator.Host.Cli.Rendering;
using Orchestrator.Host.Composition;
using Orchestrator.Host.Configuration;
using Orchestrator.Host.Doctor;
using Spectre.Console;

namespace Orchestrator.Host.Cli.Commands;

/// <summary><c>check-config</c>, <c>doctor</c> and <c>version</c>: what one wants to know before a process starts. None asks a server.</summary>
internal static class SetupCommands
{
    public static IEnumerable<Command> Create(CommandRunner runner, TimeProvider time) => [CheckConfig(runner), Doctor(runner, time), Version(runner)];

    private static Command CheckConfig(CommandRunner runner)
    {
        var file = new Argument<string>("FILE") { Description = "HOCON file, as serve and --config take it." };
        var command = new Command(
            "check-config", "Checks a configuration file without starting anything. Shows everything that is wrong, with line and setting.")
        {
            file, runner.Common.Output,
        };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(
            runner.Output(parsed), cancellationToken, output => Task.FromResult(Check(output, parsed.GetValue(file)!))));
        return command.WithExamples("orchestrator check-config node.conf", "orchestrator check-config node.conf --output json");
    }

    private static int Check(CliOutput output, string file)
    {
        try
        {
            var configuration = CheckedConfiguration.Load(file);
            var check = new ConfigurationCheck(true, []) { Warnings = [.. configuration.Warnings.Select(Described)] };
            output.Result(check, () => SetupJsonContext.Default.ConfigurationCheck, console =>
            {
                foreach (var warning in configuration.Warnings)
                {
                    console.Prose($"Warning: {warning}. {CheckedConfiguration.Remedy}");
                }

                console.Prose($"{file} is valid, for {configuration.Use}.");
            });
            return ExitCodes.Done;
        }
        catch (SettingsException e)
        {
            if (output.Format == OutputFormat.Json)
            {
                output.Result(new ConfigurationCheck(false, [.. e.Errors.Select(Described)]), () => SetupJsonContext.Default.ConfigurationCheck, _ => { });
            }
            else
            {
                output.Remark(e.Message);
            }

            return ExitCodes.Usage;
        }
    }

    private static ConfigurationError Described(SettingError error) => new(error.Place.File, error.Place.Line, error.Path, error.Problem);

    private static Command Doctor(CommandRunner runner, TimeProvider time)
    {
        var config = new Option<string>("--config") { Description = "HOCON file of the process that is to start.", HelpName = "FILE", Required = true };
        var command = new Command(
            "doctor",
            "Checks what a process needs before it starts: ports, seed nodes, disks, journal, clock, certificates, access to each cluster. Changes nothing. "
            + "Exit code 1 if anything fails.")
        {
            config, runner.Common.Output,
        };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(runner.Output(parsed), cancellationToken, async output =>
        {
            var found = await Diagnosis.Make(parsed.GetValue(config)!, time, cancellationToken);
            output.Result(new DoctorReport(found), () => SetupJsonContext.Default.DoctorReport, console => Write(console, found));
            return found.Any(finding => finding.State == FindingState.Fail) ? ExitCodes.Failed : ExitCodes.Done;
        }));
        return command.WithExamples("orchestrator doctor --config node.conf", "orchestrator doctor --config kube.conf --output json");
    }

    private static void Write(IAnsiConsole console, IReadOnlyList<Finding> found)
    {
        var table = Tables.Create("check", "result", "found");
        foreach (var finding in found)
        {
            var (word, color) = finding.State switch
            {
                FindingState.Ok => ("ok", Color.Green),
                FindingState.Warn => ("warn", Color.Yellow),
                _ => ("fail", Color.Red),
            };
            table.Row(finding.Check, new Cell(word, new Style(color)), finding.Remedy.Length > 0 ? $"{finding.Text} {finding.Remedy}" : finding.Text);
        }

        console.Write(table);
    }

    private static Command Version(CommandRunner runner)
    {
        var command = new Command("version", "Shows the version of this executable, its commit, and what it runs on.") { runner.Common.Output };
        command.SetAction((parsed, cancellationToken) => CommandRunner.Guard(runner.Output(parsed), cancellationToken, output =>
        {
            var version = new OwnVersion(BuildVersion.Number, BuildVersion.Commit, RuntimeInformation.FrameworkDescription, RuntimeInformation.RuntimeIdentifier);
            output.Result(version, () => SetupJsonContext.Default.OwnVersion, console => console.Prose(
                $"orchestrator {version.Version}{(version.Commit.Length > 0 ? $" (commit {version.Commit})" : "")}, {version.Runtime}, {version.Platform}"));
            return Task.FromResult(ExitCodes.Done);
        }));
        return command.WithExamples("orchestrator version", "orchestrator version --output json");
    }
}

/// <param name="Line">From 1; 0 for the file as a whole.</param>
/// <param name="Setting">Path of the setting; empty when the whole file is meant.</param>
internal sealed record ConfigurationError(string File, int Line, string Setting, string Problem);

internal sealed record ConfigurationCheck(bool Valid, IReadOnlyList<ConfigurationError> Errors)
{
    /// <summary>What is allowed, and may still be a mistake.</summary>
    public IReadOnlyList<ConfigurationError> Warnings { get; init; } = [];
}

internal sealed record DoctorReport(IReadOnlyList<Finding> Findings);

/// <param name="Commit">Empty where the build does not know it.</param>
internal sealed record OwnVersion(string Version, string Commit, string Runtime, string Platform);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(ConfigurationCheck))]
[JsonSerializable(typeof(DoctorReport))]
[JsonSerializable(typeof(OwnVersion))]
internal sealed partial class SetupJsonContext : JsonSerializerContext;
