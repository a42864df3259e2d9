using MudBlazor;

namespace Orchestrator.Host.Web.Layout;

/// <summary>Colours, light and dark, with the contrast that WCAG asks for (AA).</summary>
internal static class Palette
{
    public static MudTheme Theme { get; } = new()
    {
        PaletteLight = new PaletteLight
        {
            Primary = "#1f5f8b",
            PrimaryContrastText = "#ffffff",
            Secondary = "#5b4a8a",
            AppbarBackground = "#17405e",
            AppbarText = "#ffffff",
            Background = "#f4f6f8",
            Surface = "#ffffff",
            DrawerBackground = "#ffffff",
            DrawerText = "#1d2730",
            DrawerIcon = "#1d2730",
            TextPrimary = "#1d2730",
            TextSecondary = "#4a5865",
            Success = "#1b6e3c",
            Warning = "#8a5300",
            Error = "#b3261e",
            Info = "#1f5f8b",
            LinesDefault = "#d5dce2",
            TableLines = "#d5dce2",
            ActionDefault = "#4a5865",
        },
        PaletteDark = new PaletteDark
        {
            Primary = "#7cc0ee",
            PrimaryContrastText = "#0c1a24",
            Secondary = "#c3b4f5",
            AppbarBackground = "#0f1c27",
            AppbarText = "#e8eef3",
            Background = "#121a21",
            Surface = "#1a242d",
            DrawerBackground = "#16202a",
            DrawerText = "#e8eef3",
            DrawerIcon = "#e8eef3",
            TextPrimary = "#e8eef3",
            TextSecondary = "#b4c1cc",
            Success = "#6fd596",
            Warning = "#f2b96b",
            Error = "#ff9d94",
            Info = "#7cc0ee",
            LinesDefault = "#33424f",
            TableLines = "#33424f",
            ActionDefault = "#b4c1cc",
        },
        Typography = new Typography
        {
            Default = new DefaultTypography { FontFamily = ["system-ui", "-apple-system", "Segoe UI", "DejaVu Sans", "sans-serif"] },
            Button = new ButtonTypography { TextTransform = "none" },
        },
    };
}
