# Pools data.csv with the package metafor: Rscript pool.R, in the folder of these files.
# What was chosen on the site (settings.json):
model <- "random"   # random or common
method <- "REML"    # REML, PM or DL
level <- 95

library(metafor)

# Started by Rscript with its path, or in the folder itself.
here <- sub("^--file=", "", grep("^--file=", commandArgs(FALSE), value = TRUE))
folder <- if (length(here)) dirname(here[1]) else "."
data <- read.csv(file.path(folder, "data.csv"), fileEncoding = "UTF-8-BOM", stringsAsFactors = FALSE)
data <- data[data$pooled == "yes", ]

if (nrow(data) < 2) {
  cat("Nothing is pooled; results.json says why.\n")
} else {
  data$yi <- as.numeric(data$yi)
  data$vi <- as.numeric(data$vi)
  fit <- function(test) {
    rma(yi, vi, data = data, slab = data$label, method = if (model == "common") "FE" else method,
        test = test, level = level, control = list(threshold = 1e-12, maxiter = 10000))
  }
  ordinary <- fit("z")
  print(ordinary, digits = 6)
  cat(sprintf("estimate %.12g, se %.12g\n", coef(ordinary), ordinary$se))
  cat(sprintf("ordinary interval %.12g to %.12g\n", ordinary$ci.lb, ordinary$ci.ub))
  cat(sprintf("tau2 %.12g, I2 %.12g, Q %.12g, df %d, p %.12g\n",
              ordinary$tau2, ordinary$I2, ordinary$QE, ordinary$k - 1L, ordinary$QEp))
  if (model == "random") {
    # The interval of Hartung, Knapp, Sidik and Jonkman that is never narrower than the ordinary one: metafor
    # calls it test = "adhoc"; written out here for versions that do not know it.
    df <- ordinary$k - 1
    t <- qt(1 - (1 - level / 100) / 2, df)
    w <- 1 / (data$vi + ordinary$tau2)
    mu <- as.numeric(coef(ordinary))
    q <- sum(w * (data$yi - mu)^2) / df
    se <- ordinary$se * sqrt(max(1, q))
    cat(sprintf("Hartung-Knapp interval with floor %.12g to %.12g\n", mu - t * se, mu + t * se))
    # Prediction interval: t with k - 1 degrees of freedom and the ordinary standard error.
    if (df >= 2) {
      margin <- t * sqrt(ordinary$tau2 + ordinary$se^2)
      cat(sprintf("prediction interval %.12g to %.12g\n", mu - margin, mu + margin))
    }
    print(confint(ordinary, digits = 6))
  }
}
